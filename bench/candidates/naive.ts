import { createServer } from 'node:http'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** What one writes in an afternoon: the model in the process that has the port, and one run for each request. */
interface Body {
  readonly inputs: readonly { readonly name: string; readonly shape: number[]; readonly data: number[] }[]
}

const session = await InferenceSession.create(process.argv[2]!, { intraOpNumThreads: 1, interOpNumThreads: 1 })

async function infer(text: string): Promise<string> {
  const [input] = (JSON.parse(text) as Body).inputs
  if (!input) throw new Error('no input')
  const answers = await session.run({ [input.name]: new Tensor('float32', Float32Array.from(input.data), input.shape) })
  const outputs = session.outputNames.map((name) => {
    const { dims, data } = answers[name]!
    return { name, datatype: 'FP32', shape: dims, data: Array.from(data as Float32Array) }
  })
  return JSON.stringify({ model_name: 'weather', model_version: '1', outputs })
}

const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    infer(Buffer.concat(chunks).toString()).then(
      (body) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        response.end(body)
      },
      (error: unknown) =>
        response.writeHead(500, { 'content-length': Buffer.byteLength(String(error)) }).end(String(error)),
    )
  })
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${(server.address() as { port: number }).port}`))
