<?php

$metadata[getenv('SP_ENTITY_ID')] = [
    'AssertionConsumerService' => getenv('SP_ACS_URL'),
    'SingleLogoutService' => getenv('SP_ACS_URL') . '/logout',
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
];

$certificate = getenv('SP_ENCRYPTION_CERTIFICATE');
if ($certificate !== false) {
    $metadata[getenv('SP_ENTITY_ID')]['assertion.encryption'] = true;
    $metadata[getenv('SP_ENTITY_ID')]['certData'] = $certificate;
}
