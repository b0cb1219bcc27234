// Fetches an OpenAPI document and validates it: node openapi.js URL
'use strict';
const SwaggerParser = require('@apidevtools/swagger-parser');

fetch(process.argv[2]).then((answer) => answer.json()).then((document) => SwaggerParser.validate(document)).then(
  (document) => console.log(`valid: OpenAPI ${document.openapi}, ${Object.keys(document.paths).length} paths`),
  (error) => {
    console.log(`not valid: ${error.message}`);
    process.exitCode = 1;
  },
);
