import { createClient } from '@stead/sdk'
import { createFollower } from './follower.ts'
import type { FromTab, ToTab, Wanted } from './messages.ts'

/** One event stream for all tabs of the browser: each further one would take one of the six connections it has. */
const FORGET_MS = 30_000

interface Tab {
  wanted: Wanted
  heardAt: number
}
const NOTHING: Wanted = { deployments: [], experiments: [] }

const tabs = new Map<MessagePort, Tab>()
let state: ToTab | undefined

const follower = createFollower(createClient({ url: location.origin }), (message) => {
  if (message.kind === 'state') state = message
  if (message.kind === 'signed out') state = undefined
  for (const port of tabs.keys()) port.postMessage(message)
})

function watchAll(): void {
  const all = [...tabs.values()]
  follower.watch({
    deployments: all.flatMap(({ wanted }) => wanted.deployments),
    experiments: all.flatMap(({ wanted }) => wanted.experiments),
  })
}

addEventListener('connect', (event) => {
  const port = (event as MessageEvent).ports[0]!
  tabs.set(port, { wanted: NOTHING, heardAt: Date.now() })
  if (state) port.postMessage(state)
  port.addEventListener('message', ({ data }: MessageEvent<FromTab>) => {
    const wanted = data.kind === 'watch' ? data : (tabs.get(port)?.wanted ?? NOTHING)
    tabs.set(port, { wanted, heardAt: Date.now() })
    if (data.kind === 'watch') watchAll()
    if (data.kind === 'begin') follower.begin(data.stream)
  })
  port.start()
})

setInterval(() => {
  for (const [port, { heardAt }] of tabs) if (Date.now() - heardAt > FORGET_MS) tabs.delete(port)
  watchAll()
}, FORGET_MS / 3)
