<?php

// An identity provider for tests on one loopback port; `start` fills the environment.
$config = [
    'baseurlpath' => getenv('PEER_ORIGIN') . '/simplesaml/',
    'certdir' => getenv('PEER_FOLDER') . '/cert/',
    'loggingdir' => getenv('PEER_FOLDER') . '/log/',
    'datadir' => getenv('PEER_FOLDER') . '/data/',
    'tempdir' => getenv('PEER_FOLDER') . '/temp',
    'metadatadir' => getenv('SIMPLESAMLPHP_CONFIG_DIR') . '/../metadata/',

    'secretsalt' => hash('sha256', getenv('PEER_FOLDER')),
    'auth.adminpassword' => 'no-one-signs-in-here',
    'technicalcontact_email' => 'na@example.org',
    'timezone' => 'UTC',

    'debug' => ['saml' => false, 'backtraces' => true, 'validatexml' => false],
    'showerrors' => true,
    'errorreporting' => false,
    'logging.level' => SimpleSAML\Logger::NOTICE,
    'logging.handler' => 'file',
    'logging.logfile' => 'simplesamlphp.log',

    'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],

    'store.type' => 'phpsession',
    'session.duration' => 8 * 60 * 60,
    'session.cookie.name' => 'SimpleSAMLSessionID',
    'session.cookie.path' => '/',
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'session.phpsession.cookiename' => 'SimpleSAML',
    'session.phpsession.savepath' => getenv('PEER_FOLDER') . '/sessions',
    'session.phpsession.httponly' => true,

    'language.available' => ['en'],
    'language.default' => 'en',
    'theme.use' => 'default',
    'usenewui' => false,

    'metadata.sources' => [['type' => 'flatfile']],
    'metadata.sign.enable' => false,
];
