import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import staticFiles from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { FRAME_HEADERS, FRAME_PAGE, FRAME_PATH } from './frame-page.ts'

/** Where the console is once it has been built; it is a client of this server and nothing of it is imported here. */
export const BUILT_CONSOLE = fileURLToPath(new URL('../../../web/dist', import.meta.url))

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stead</title>
<h1>Stead</h1>
<p>The server runs; its console has not been built. In the repository, <code>npm start</code> builds it.</p>
<ul>
<li><a href="/api/v1/status">Status</a></li>
<li><a href="/api/v1/openapi.json">The API, described in OpenAPI</a></li>
<li><a href="/metrics">Metrics for Prometheus</a></li>
</ul>
`

/** Hands out the console. Every address that is not of a protocol is one of its views, so that links can be shared. */
export function serveConsole(app: FastifyInstance, directory: string): void {
  void app.register(staticFiles, {
    root: directory,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) =>
      void reply.header(
        'cache-control',
        // The names of built files carry a hash of what is in them.
        path.startsWith(join(directory, 'assets')) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ),
  })
  app.get(FRAME_PATH, (_request, reply) => reply.headers(FRAME_HEADERS).send(FRAME_PAGE))
  app.get('/*', async (request, reply) => {
    const path = request.url.split('?', 1)[0]!
    if (isFile(path)) return reply.sendFile(path)
    if (isOfProtocol(path) || !request.headers.accept?.includes('text/html')) return reply.callNotFound()
    if (existsSync(join(directory, 'index.html'))) return reply.sendFile('index.html')
    return reply.type('text/html; charset=utf-8').send(NOT_BUILT)
  })
}

const isFile = (path: string) => /^\/(assets\/[\w.-]+|theme\.js|mark\.svg)$/.test(path)
const isOfProtocol = (path: string) => /^\/(api|ajax-api|metrics|assets|v2)(\/|$)/.test(path)
