/** The request on its way out: made late, because making it costs some 50 ms that fit into the wait for the network. */

/** The line for the server's standard input (protocol/bootstrap/request.ts), or what makes it when it is first needed. */
export type RequestLine = string | (() => string);

/** The line itself. */
export function lineOf(request: RequestLine): string {
  return typeof request === 'string' ? request : request();
}

/** A request that is made when it is first needed, and then is the same. */
export function madeOnce(request: RequestLine): () => string {
  let line: string | undefined;
  return () => {
    line ??= lineOf(request);
    return line;
  };
}
