<?php
// A web page's back end as people write them: the words of a command in an
// array, posted by curl over one handle that is kept.
//
//   php httpclient.php http://HOST:PORT/
//
// Each line of its standard input is a JSON object: words is the command, json
// has it posted as JSON instead of a form, alone over a handle of its own, and
// user is NAME:PASSWORD. Each is answered with a JSON object on a line.

declare(strict_types=1);

function wasKeyValueEncode(array $words): string
{
    $pairs = [];
    foreach ($words as $key => $value) {
        $pairs[] = rawurlencode((string) $key) . '=' . rawurlencode($value);
    }
    return implode('&', $pairs);
}

function wasKeyValueDecode(string $text): array
{
    $words = [];
    foreach (explode('&', $text) as $pair) {
        [$key, $value] = array_pad(explode('=', $pair, 2), 2, '');
        $words[urldecode($key)] = urldecode($value);
    }
    return $words;
}

function ask(CurlHandle $curl, string $url, array $question): array
{
    $json = $question['json'] ?? false;
    $headers = [];
    curl_setopt_array($curl, [
        CURLOPT_URL => $url,
        CURLOPT_POST => true,
        CURLOPT_POSTFIELDS => $json ? json_encode($question['words']) : wasKeyValueEncode($question['words']),
        CURLOPT_HTTPHEADER => $json ? ['Content-Type: application/json'] : [],
        CURLOPT_USERPWD => $question['user'] ?? null,
        CURLOPT_ENCODING => 'gzip',
        CURLOPT_TIMEOUT => 60,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$headers): int {
            [$name, $value] = array_pad(explode(':', $line, 2), 2, '');
            $headers[strtolower($name)] = trim($value);
            return strlen($line);
        },
    ]);
    $body = curl_exec($curl);
    if ($body === false) {
        fwrite(STDERR, curl_error($curl) . "\n");
        exit(1);
    }
    $type = $headers['content-type'] ?? '';
    return [
        'status' => curl_getinfo($curl, CURLINFO_RESPONSE_CODE),
        'type' => $type,
        'encoding' => $headers['content-encoding'] ?? '',
        'port' => curl_getinfo($curl, CURLINFO_LOCAL_PORT),
        'words' => match (true) {
            str_starts_with($type, 'application/json') => json_decode($body, true, 512, JSON_THROW_ON_ERROR),
            str_starts_with($type, 'application/x-www-form-urlencoded') => wasKeyValueDecode($body),
            default => null,
        },
    ];
}

$url = $argv[1];
$kept = curl_init();
while (($line = fgets(STDIN)) !== false) {
    $question = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    $answer = ask(($question['alone'] ?? false) ? curl_init() : $kept, $url, $question);
    fwrite(STDOUT, json_encode($answer, JSON_THROW_ON_ERROR) . "\n");
}
