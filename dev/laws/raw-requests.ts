import { connect } from 'node:net'
import { createGzip } from 'node:zlib'

/** So many megabytes of zeros, in gzip: about a thousandth of them. */
export async function zeros(megabytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 })
  const chunks: Buffer[] = []
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise((resolve) => gzip.once('end', resolve))
  const block = Buffer.alloc(2 ** 20)
  for (let at = 0; at < megabytes; at++)
    if (!gzip.write(block)) await new Promise((resolve) => gzip.once('drain', resolve))
  gzip.end()
  await ended
  return Buffer.concat(chunks)
}

/** Bytes as they are, for requests that no client would send. A connection that is refused outright is status 0. */
export function raw(base: string, line: string, headers: readonly string[] = [], body = '', framed = false) {
  const { hostname, port } = new URL(base)
  const isChunked = framed || headers.some((header) => header.startsWith('transfer-encoding'))
  const length = isChunked || body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]
  return new Promise<{ status: number; text: string; answers: number }>((resolve) => {
    let text = ''
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        [line, `host: ${hostname}:${port}`, 'connection: close', ...headers, ...length].join('\r\n') +
          `\r\n\r\n${body}`,
      ),
    )
    socket.setTimeout(5_000, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () =>
      resolve({
        text,
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
        answers: text.match(/HTTP\/1\.1 \d{3}/g)?.length ?? 0,
      }),
    )
  })
}
