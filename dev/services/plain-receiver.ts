import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Arrival {
  /** The same at every attempt of one delivery. */
  readonly id: string
  readonly body: string
  /** What it was answered. */
  readonly status: Answer
}

/** A status, or silence while the connection stands. */
export type Answer = number | 'nothing'

/** A receiver of webhooks on this machine, for platforms that nobody else reaches. */
export interface PlainReceiver {
  readonly url: string
  /** All that came, in its order. */
  readonly arrivals: readonly Arrival[]
  /** What all later requests are answered; 200 at first. */
  answer(status: Answer): void
  close(): Promise<void>
}

export async function startPlainReceiver(): Promise<PlainReceiver> {
  const arrivals: Arrival[] = []
  let status: Answer = 200
  const server = createServer(async (request, response) => {
    const body = await text(request)
    arrivals.push({ id: String(request.headers['x-mlflow-delivery-id']), body, status })
    if (status !== 'nothing') response.writeHead(status).end('thanks')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    arrivals,
    answer: (next) => {
      status = next
    },
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
