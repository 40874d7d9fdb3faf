import { createServer } from 'node:http'

/** What any server in JavaScript must do: take the request, parse it, and answer something of the right length. */
const ANSWER = Buffer.from(
  '{"model_name":"weather","model_version":"1","outputs":[{"name":"temp_max","datatype":"FP32","shape":[1,1],"data":[6.185174]}]}',
)

const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (request, response) => {
  let body: Buffer = Buffer.alloc(0)
  request.on('data', (chunk: Buffer) => (body = body.length === 0 ? chunk : Buffer.concat([body, chunk])))
  request.on('end', () => {
    JSON.parse(body.toString())
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length })
    response.end(ANSWER)
  })
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${(server.address() as { port: number }).port}`))
