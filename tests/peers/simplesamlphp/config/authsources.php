<?php

// Who can sign in: user name and password are the key.
$person = function (string $given, string $family, string $email, array $groups): array {
    return [
        'uid' => [strtolower($given)],
        'email' => [$email],
        'givenName' => [$given],
        'sn' => [$family],
        'displayName' => ["$given $family"],
        'groups' => $groups,
    ];
};

$config = [
    'admin' => ['core:AdminPassword'],
    'people' => [
        'exampleauth:UserPass',
        'ana:ana-password' => $person('Ana', 'Anders', 'ana@acme.test', ['engineering', 'everyone']),
        'ben:ben-password' => $person('Ben', 'Berg', 'ben@acme.test', ['everyone']),
        'eve:eve-password' => $person('Eve', 'Else', 'eve@elsewhere.test', ['everyone']),
    ],
];
