import { createServer, type Server } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { makeCertificate } from '../../../../../dev/services/certificate.ts'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver of webhooks over real TLS, whose certificate this process trusts. */
export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  /** What the next requests are answered; 200 after them. */
  answer(...answers: readonly (readonly [status: number, headers?: Readonly<Record<string, string>>])[]): void
  /** Resolves once so many have come, all told. */
  until(count: number): Promise<void>
  close(): Promise<void>
}

export async function startReceiver(port = 0): Promise<Receiver> {
  const certificate = makeCertificate()
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert])
  const received: Received[] = []
  const answers: (readonly [number, Readonly<Record<string, string>>?])[] = []
  let onReceived = () => {}
  const server: Server = createServer(certificate, async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) })
    const [status, headers = {}] = answers.shift() ?? [200]
    response.writeHead(status, headers).end('thanks')
    onReceived()
  })
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: (...given) => void answers.push(...given),
    until: (count) =>
      new Promise<void>((resolve) => {
        onReceived = () => received.length >= count && resolve()
        onReceived()
      }),
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
