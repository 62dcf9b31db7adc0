// Stands between an SDK and the server, passes everything on as it is, and keeps what went through last.

import { createServer, request } from "node:http";

export async function record(target) {
  const { hostname, port } = new URL(target);
  const recorder = { last: undefined };
  const server = createServer((asked, answer) => {
    const { method, url: path, headers } = asked;
    const onward = request({ hostname, port, method, path, headers }, (given) => {
      recorder.last = {
        method,
        path,
        hasBody: "transfer-encoding" in headers || Number(headers["content-length"] ?? 0) > 0,
        asked: headers["content-type"] ?? "",
        status: given.statusCode,
        type: given.headers["content-type"] ?? "",
      };
      answer.writeHead(given.statusCode, given.headers);
      given.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  server.unref();
  recorder.origin = `http://127.0.0.1:${server.address().port}`;
  return recorder;
}
