import type { FastifyInstance } from 'fastify'
import { VERSION } from './installation.ts'

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stead</title>
<h1>Stead ${VERSION}</h1>
<p>This is the server of a Stead installation: it keeps models, and deployments that outlive them.</p>
<ul>
<li><a href="/api/v1/status">Status</a></li>
<li><a href="/api/v1/openapi.json">The API, described in OpenAPI</a></li>
<li><a href="/metrics">Metrics for Prometheus</a></li>
</ul>
`

/** What a person sees who opens the address in a browser. */
export function serveFrontPage(app: FastifyInstance): void {
  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE))
}
