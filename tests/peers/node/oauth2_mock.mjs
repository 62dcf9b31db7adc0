// An OpenID provider, oauth2-mock-server, whose next ID token can be broken on request.
// PORT (required), EMAIL and SUBJECT (the person who signs in). Prints `ready`.
//
// POST /__user {"sub", "email", ...}   who signs in from now on: the claims of the ID token and of userinfo
// POST /__as {"provider"}              answers as this one does from now on: google, microsoft, github, slack, hubspot
// POST /__break {"what", "claims"}     what is wrong with the next ID token alone; `reset` forgets it

import { createHmac, createPublicKey, generateKeyPairSync, sign, webcrypto } from "node:crypto";
import { createServer } from "node:http";
import { OAuth2Issuer, OAuth2Service } from "oauth2-mock-server";

globalThis.crypto ??= webcrypto; // jose expects it, Node 18 does not have it

const port = Number(process.env.PORT);
const origin = `http://127.0.0.1:${port}`;

const issuer = new OAuth2Issuer();
issuer.url = origin;
const signingKey = await issuer.keys.generate("RS256");
const service = new OAuth2Service(issuer);

const foreignKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const now = () => Math.floor(Date.now() / 1000);

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (part) => JSON.parse(Buffer.from(part, "base64url").toString());

// Faults in the claims, applied before the token is signed with the right key.
const claimFaults = {
  nonce: (claims) => { claims.nonce = "a-nonce-that-nobody-sent"; },
  nonce_missing: (claims) => { delete claims.nonce; },
  aud: (claims) => { claims.aud = "another-client"; },
  aud_many: (claims) => { claims.aud = [claims.aud, "another-client"]; },
  azp: (claims) => { claims.azp = "another-client"; },
  iss: (claims) => { claims.iss = "http://127.0.0.1:1"; },
  expired: (claims) => { claims.iat = now() - 7200; claims.nbf = claims.iat; claims.exp = now() - 3600; },
  exp_missing: (claims) => { delete claims.exp; },
  iat_future: (claims) => { claims.iat = now() + 3600; },
  sub_missing: (claims) => { delete claims.sub; },
  email_missing: (claims) => { delete claims.email; },
  email_unverified: (claims) => { claims.email_verified = false; },
};

// Faults in the signature, applied to the signed token.
const signatureFaults = {
  alg_none: ({ header, payload }) => unsigned({ ...header, alg: "none" }, payload),
  hs256: ({ header, payload, secret }) => hmac({ ...header, alg: "HS256" }, payload, secret),
  hs256_public_key: ({ header, payload }) => hmac({ ...header, alg: "HS256" }, payload, publicPem()),
  foreign_key: ({ header, payload }) => rsa(header, payload, foreignKey),
  unknown_kid: ({ header, payload }) => rsa({ ...header, kid: "unknown" }, payload, foreignKey),
  tampered: ({ header, payload, signature }) =>
    `${encode(header)}.${encode({ ...payload, email: "mallory@evil.test" })}.${signature}`,
};

// Faults in the answer of the token endpoint.
const responseFaults = {
  id_token_missing: (body) => { delete body.id_token; },
  token_error: (body, answer) => { answer.statusCode = 400; answer.body = { error: "invalid_grant" }; },
};

const unsigned = (header, payload) => `${encode(header)}.${encode(payload)}.`;
const hmac = (header, payload, secret) => {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
};
const rsa = (header, payload, key) => {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign("RSA-SHA256", Buffer.from(input), key).toString("base64url")}`;
};
const publicPem = () => {
  const { kty, n, e } = signingKey;
  return createPublicKey({ key: { kty, n, e }, format: "jwk" }).export({ type: "spki", format: "pem" });
};

const firstUser = () => ({
  sub: process.env.SUBJECT ?? "ana",
  email: process.env.EMAIL ?? "ana@acme.test",
  email_verified: true,
  hd: "acme.test",
  name: "Ana Anders",
  given_name: "Ana",
  family_name: "Anders",
});
let user = firstUser();

// What each provider says of the same person, beside the standard claims.
const tenant = "7f0c3a2e-1b5d-4c6f-8a9b-0c1d2e3f4a5b";
const shapes = {
  google: () => ({ email: "google@acme.test", hd: "acme.test" }),
  microsoft: () => ({
    iss: `${origin}/${tenant}/v2.0`,
    tid: tenant,
    oid: "ana-object",
    email: "microsoft@acme.test",
    email_verified: undefined,
    xms_edov: true,
  }),
  slack: () => ({ sub: "U1", email: "slack@acme.test", "https://slack.com/team_id": "T1" }),
  github: () => ({}),
  hubspot: () => ({}),
};
// What those that issue no ID tokens say by their APIs to the holder of an access token.
const apis = {
  github: (path) => ({
    "/user": { id: 7, login: "ana", name: "Ana Anders", avatar_url: "https://pictures.test/ana" },
    "/user/emails": [
      { email: "old@acme.test", primary: false, verified: true },
      { email: "github@acme.test", primary: true, verified: true },
    ],
    "/user/orgs": [{ id: 2, login: "acme" }],
  })[path],
  hubspot: (path, token) =>
    path === `/access-tokens/${token}` ? { user: "hubspot@acme.test", user_id: 8, hub_id: 99 } : undefined,
};
let provider = "google";
let accessToken;

/** Who asks has to show the access token that was given out last: GitHub's in the header, HubSpot's in the path. */
function api(request, path) {
  if (!accessToken || (provider === "github" && request.headers.authorization !== `Bearer ${accessToken}`)) return undefined;
  return apis[provider]?.(path, accessToken);
}

let fault = { what: "reset", claims: {} };

// The client credentials come as HTTP Basic or in the body.
const clientSecret = (request) => {
  const basic = request.headers.authorization?.match(/^Basic (.+)$/i)?.[1];
  const fromBasic = basic && decodeURIComponent(Buffer.from(basic, "base64").toString().split(":")[1]);
  return fromBasic || request.body?.client_secret || "";
};

// The access token passes here too; it alone has a scope.
service.on("beforeTokenSigning", (token) => {
  if ("scope" in token.payload) return;
  Object.assign(token.payload, user);
  claimFaults[fault.what]?.(token.payload);
  Object.assign(token.payload, fault.claims);
});

service.on("beforeResponse", (answer, request) => {
  accessToken = answer.body.access_token;
  if (apis[provider]) delete answer.body.id_token;
  const token = answer.body.id_token;
  if (!token) return;
  const [header, payload, signature] = token.split(".");
  const breakSignature = signatureFaults[fault.what];
  if (breakSignature) {
    answer.body.id_token = breakSignature({
      header: decode(header), payload: decode(payload), signature, secret: clientSecret(request),
    });
  }
  responseFaults[fault.what]?.(answer.body, answer);
  fault = { what: "reset", claims: {} };
});

service.on("beforeUserinfo", (answer) => { answer.body = { ...user }; });

const known = ["reset", "claims", ...Object.keys(claimFaults), ...Object.keys(signatureFaults), ...Object.keys(responseFaults)];

function control(path, body) {
  if (path === "/__user") {
    user = { ...firstUser(), ...body };
    return [200, user];
  }
  if (path === "/__as") {
    if (!shapes[body.provider]) return [400, { error: `unknown provider; one of: ${Object.keys(shapes).join(", ")}` }];
    provider = body.provider;
    user = { ...firstUser(), ...shapes[provider]() };
    return [200, user];
  }
  if (!known.includes(body.what)) return [400, { error: `unknown fault; one of: ${known.join(", ")}` }];
  fault = { what: body.what, claims: body.claims ?? {} };
  return [200, fault];
}

const server = createServer((request, response) => {
  const path = new URL(request.url, origin).pathname;
  const said = request.method === "GET" ? api(request, path) : undefined;
  if (said) {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(said));
    return;
  }
  if (request.method !== "POST" || !["/__user", "/__as", "/__break"].includes(path)) {
    service.requestHandler(request, response);
    return;
  }
  let text = "";
  request.on("data", (chunk) => { text += chunk; });
  request.on("end", () => {
    const [status, answer] = control(path, JSON.parse(text || "{}"));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
});

server.listen(port, "127.0.0.1", () => console.log("ready"));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
