// A SAML identity provider on samlp that asks nothing: whoever is named in the query signs in at once.
// PORT (required), ISSUER, KEY_FILE and CERT_FILE (written at start when they do not exist). Prints `ready`.
//
// GET /sso?SAMLRequest=...&RelayState=...   a form that posts the response to the ACS named in the request
//     &email=&name=&given_name=&family_name=&groups=a,b&name_id=        who signs in
//     &sign=assertion|response|both|none                                what is signed
// GET /metadata                             IdP metadata
// POST /__user {"email", "name", ...}       who signs in from now on, for a browser that cannot add a query

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";

const require = createRequire(import.meta.url);
const samlp = require("samlp");
const PassportProfileMapper = require("samlp/lib/claims/PassportProfileMapper");

const port = Number(process.env.PORT);
const origin = `http://127.0.0.1:${port}`;
const issuer = process.env.ISSUER ?? `${origin}/metadata`;
const folder = process.env.KEY_FILE && process.env.CERT_FILE ? "" : mkdtempSync(join(tmpdir(), "samlp-"));
const keyFile = process.env.KEY_FILE ?? join(folder, "key.pem");
const certFile = process.env.CERT_FILE ?? join(folder, "cert.pem");

if (!existsSync(keyFile) || !existsSync(certFile)) {
  execFileSync("openssl", [
    "req", "-x509", "-newkey", "rsa:2048", "-sha256", "-nodes", "-days", "30", "-subj", "/CN=samlp",
    "-keyout", keyFile, "-out", certFile,
  ], { stdio: "ignore" });
}
const key = readFileSync(keyFile);
const cert = readFileSync(certFile);
if (folder) rmSync(folder, { recursive: true });

let user = {
  email: process.env.EMAIL ?? "ana@acme.test",
  name: process.env.NAME ?? "Ana Anders",
  given_name: "Ana",
  family_name: "Anders",
  groups: process.env.GROUPS ?? "",
};

// samlp takes a passport.js profile and names the attributes by claim URLs.
function profile(query) {
  const person = { ...user, ...query };
  const groups = String(person.groups ?? "").split(",").filter(Boolean);
  return {
    id: person.name_id ?? person.email,
    emails: [{ value: person.email }],
    displayName: person.name,
    name: { givenName: person.given_name, familyName: person.family_name },
    ...(groups.length > 0 ? { groups } : {}),
  };
}

const app = express();

app.get("/sso", (request, response, next) => {
  samlp.parseRequest(request, (error, authnRequest) => {
    if (error) return next(error);
    if (!authnRequest) return response.status(400).type("text").send("SAMLRequest is missing\n");
    const acs = authnRequest.assertionConsumerServiceURL;
    const sign = request.query.sign ?? "assertion";
    samlp.auth({
      issuer, cert, key,
      getPostURL: (audience, dom, req, done) => done(null, acs),
      getUserFromRequest: (req) => profile(req.query),
      profileMapper: PassportProfileMapper,
      nameIdentifierFormat: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
      recipient: acs,
      destination: acs,
      signAssertion: sign === "assertion" || sign === "both",
      signResponse: sign === "response" || sign === "both",
      lifetimeInSeconds: 300,
      authnContextClassRef: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
      sessionIndex: "_session-1",
    })(request, response, next);
  });
});

app.get("/metadata", samlp.metadata({
  issuer, cert, redirectEndpointPath: "/sso", postEndpointPath: "/sso", profileMapper: PassportProfileMapper,
}));

app.post("/__user", express.json(), (request, response) => {
  user = { ...user, ...request.body };
  response.json(user);
});

app.use((error, request, response, next) => response.status(400).type("text").send(`${error.message}\n`));

app.listen(port, "127.0.0.1", () => console.log("ready"));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
