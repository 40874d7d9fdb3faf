import { createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import type { Server } from 'node:http'
import { createGuard, createLog, HTTP_LIMITS, startTelemetry } from '@stead/chassis'
import type { Admittance } from './admission/admittance.ts'
import { createDoor } from './admission/door.ts'
import { createRates } from './admission/rates.ts'
import { createUses } from './admission/uses.ts'
import { connectEngine } from './engines/link.ts'
import { createDesk } from './inference/desk.ts'
import { createGrpcServer, grpcCredentials } from './inference/grpc/server.ts'
import { recorderOf } from './inference/record.ts'
import { createRestServer } from './inference/rest/server.ts'
import type { ControlAnswer, ControlCall, FromFrontEnd, ToFrontEnd } from './routing/served.ts'
import { createSwitchboard } from './routing/switchboard.ts'

/** What a front end is started with. */
export interface FrontEndOptions {
  readonly host: string
  readonly restPort: number
  readonly grpcPort: number
  /** Several front ends share their ports; the kernel spreads connections over them. */
  readonly share: boolean
  readonly allowedHosts: readonly string[]
  readonly maxBody: number
  /** Who may call, to begin with. */
  readonly admittance: Admittance
  /** Where all front ends count rates together. */
  readonly rates: SharedArrayBuffer
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly version: string
  /** The OTEL_ variables; without a collector's address there are no traces. */
  readonly telemetry: Readonly<Record<string, string | undefined>>
}

/** One front end: a thread that owns its listeners, its tables and its connections to the engines, and nothing else. */
const options = workerData as FrontEndOptions
const port = parentPort!
/** Bytes. */
const HTTP2_PREFACE = 24
const tell = (message: FromFrontEnd) => port.postMessage(message)

const calls = new Map<number, (answer: ControlAnswer) => void>()
let callCount = 0
const call = (asks: ControlCall) =>
  new Promise<ControlAnswer>((resolve) => {
    calls.set(++callCount, resolve)
    tell({ is: 'call', call: callCount, asks })
  })

const dice = Math.random
const switchboard = createSwitchboard({
  dice,
  connect: ({ socketPath, slot }) => connectEngine(socketPath, slot),
  wanted: (deployment, key) => tell({ is: 'wanted', deployment, key }),
  released: (engine) => tell({ is: 'released', engine }),
})
const telemetry = await startTelemetry({
  serviceName: 'stead-runner',
  serviceVersion: options.version,
  env: options.telemetry,
  log: createLog({ name: 'front end' }),
})
const uses = createUses()
const door = createDoor(options.admittance, createRates(options.rates))
const desk = createDesk({
  switchboard,
  uses,
  telemetry,
  version: options.version,
  call,
  dice,
  record: recorderOf(tell),
})
const guard = createGuard({ allowedHosts: options.allowedHosts })
const rest = createRestServer({ desk, door, guard, maxBody: options.maxBody, tls: options.tls })
const grpc = createGrpcServer({ desk, door, guard, maxBody: options.maxBody })
// grpc-js cannot share a port; a plain listener that can hands it the connections.
const injector = grpc.createConnectionInjector(grpcCredentials(options.tls))
const grpcListener = createServer({ noDelay: true }, (socket) => {
  // HTTP/2 begins with a word of the client's, which grpc-js would wait for without end.
  const silent = setTimeout(() => socket.bytesRead < HTTP2_PREFACE && socket.destroy(), HTTP_LIMITS.headersTimeout)
  socket.once('close', () => clearTimeout(silent))
  injector.injectConnection(socket)
})

port.on('message', (message: ToFrontEnd) => {
  switch (message.is) {
    case 'serve': {
      const { revision } = message
      void switchboard.serve(message.deployment).then(() => tell({ is: 'applied', revision }))
      return
    }
    case 'forget':
      switchboard.forget(message.name)
      return tell({ is: 'applied', revision: message.revision })
    case 'flush':
      tellFigures()
      return tell({ is: 'applied', revision: message.revision })
    case 'ready':
      desk.ready = message.ready && !desk.draining
      return
    case 'detached':
      desk.detached = message.detached
      return
    case 'admittance':
      return door.replace(message.admittance)
    case 'answered':
      calls.get(message.call)?.(message.answer)
      calls.delete(message.call)
      return
    case 'drain':
      void drain(message.lingerMs, message.deadlineMs)
  }
})

/** Not ready at once; callers on open connections are asked to leave with their next answer; then the listeners
 *  close, and what is under way ends. */
async function drain(lingerMs: number, deadlineMs: number): Promise<void> {
  desk.draining = true
  desk.ready = false
  const deadline = Date.now() + deadlineMs
  await new Promise((resolve) => setTimeout(resolve, lingerMs))
  grpcListener.close()
  // Closed once every connection is: a request whose body still arrives is waited for like one that is answered.
  let restClosed = false
  rest.close(() => (restClosed = true))
  rest.closeIdleConnections()
  injector.drain(Math.max(0, deadline - Date.now()))
  while ((desk.underWay > 0 || !restClosed) && Date.now() < deadline) {
    rest.closeIdleConnections()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  // The last answers are written in the turn that ends them; leave it a moment to reach the sockets.
  await new Promise((resolve) => setTimeout(resolve, 50))
  tellFigures()
  await telemetry.stop()
  tell({ is: 'drained' })
}

function tellFigures(): void {
  const { samples, counters } = switchboard.takeFigures()
  const used = uses.take()
  if (samples.length > 0 || used.length > 0) tell({ is: 'figures', samples, counters, uses: used })
}
setInterval(tellFigures, 1_000).unref()

function listen(server: Server | ReturnType<typeof createServer>, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: options.host, port: at, reusePort: options.share, backlog: 4096 }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : at)
    })
  })
}

try {
  tell({
    is: 'listening',
    restPort: await listen(rest, options.restPort),
    grpcPort: await listen(grpcListener, options.grpcPort),
  })
} catch (error) {
  tell({ is: 'refused', because: error instanceof Error ? error.message : String(error) })
}
