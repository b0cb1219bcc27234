"""A back end as people write them, with what Python brings along: http.client
over one connection that is kept, and urllib.request.

    python3 httpclient.py http://HOST:PORT/

Each line of its standard input is a JSON object: words is the command, json has
it posted as JSON instead of a form, alone by urllib.request over a connection
of its own, and user is NAME:PASSWORD. Each is answered with a JSON object on a
line.
"""

import base64
import gzip
import http.client
import json
import sys
import urllib.error
import urllib.parse
import urllib.request


def encode(question):
    """Returns the body of a question and its headers."""
    headers = {"Accept-Encoding": "gzip"}
    if question.get("json"):
        headers["Content-Type"] = "application/json"
        return json.dumps(question["words"]).encode("utf-8"), headers
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return urllib.parse.urlencode(question["words"]).encode("ascii"), headers


def decode(headers, body):
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    text = body.decode("utf-8")
    kind = headers.get_content_type()
    if kind == "application/json":
        return json.loads(text)
    if kind == "application/x-www-form-urlencoded":
        return dict(urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True))
    return None


def ask_alone(url, question):
    """Asks by urllib.request, which answers the door's question for a password."""
    body, headers = encode(question)
    opener = urllib.request.build_opener()
    if "user" in question:
        user, _, password = question["user"].partition(":")
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, user, password)
        opener.add_handler(urllib.request.HTTPBasicAuthHandler(passwords))
    try:
        response = opener.open(urllib.request.Request(url, body, headers), timeout=60)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, response.headers, response.read(), 0


def ask_kept(connection, path, question):
    body, headers = encode(question)
    if "user" in question:
        headers["Authorization"] = "Basic " + base64.b64encode(question["user"].encode("utf-8")).decode("ascii")
    connection.request("POST", path, body, headers)
    port = connection.sock.getsockname()[1]
    response = connection.getresponse()
    return response.status, response.headers, response.read(), port


def main():
    url = urllib.parse.urlsplit(sys.argv[1])
    kept = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    for line in sys.stdin:
        question = json.loads(line)
        if question.get("alone"):
            status, headers, body, port = ask_alone(sys.argv[1], question)
        else:
            status, headers, body, port = ask_kept(kept, url.path, question)
        print(json.dumps({
            "status": status,
            "type": headers.get("Content-Type", ""),
            "encoding": headers.get("Content-Encoding", ""),
            "port": port,
            "words": decode(headers, body),
        }), flush=True)


main()
