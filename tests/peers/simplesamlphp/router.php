<?php

// What the Apache configuration of the package does: the alias, and paths behind module.php.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$local = preg_replace('#^/simplesaml#', '', $path);
if (!preg_match('#^(/[^.]*\.php)(/.*)?$#', $local, $parts)) {
    $file = $_SERVER['DOCUMENT_ROOT'] . $local;
    if (strpos($local, '..') === false && is_file($file)) {
        readfile($file);
        return true;
    }
    http_response_code(404);
    return true;
}
$script = $_SERVER['DOCUMENT_ROOT'] . $parts[1];
if (!is_file($script)) {
    http_response_code(404);
    return true;
}
$_SERVER['SCRIPT_NAME'] = '/simplesaml' . $parts[1];
$_SERVER['PHP_SELF'] = $path;
$_SERVER['SCRIPT_FILENAME'] = $script;
$_SERVER['PATH_INFO'] = $parts[2] ?? '';
chdir(dirname($script));
require $script;
