import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { SteadError } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import { seedSample } from './sample/seed.ts'
import { replayTraffic } from './sample/traffic.ts'
import { trainSample } from './sample/training.ts'

/** What `npm start` runs: the platform as `stead up` starts it, and, unless `--empty`, the sample project alive on it. */
const args = process.argv.slice(2)
const isEmpty = args.includes('--empty')
const stead = fileURLToPath(new URL('../apps/cli/bin/stead.mjs', import.meta.url))
// In a process of its own: the tools that build take hundreds of megabytes and would keep them.
spawnSync(process.execPath, [fileURLToPath(new URL('console.ts', import.meta.url))], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const platform = spawn(process.execPath, [stead, 'up', '--json', ...args.filter((arg) => arg !== '--empty')], {
  stdio: ['ignore', 'pipe', 'inherit'],
})

const stopping = new AbortController()
const stop = () => {
  stopping.abort()
  platform.kill('SIGTERM')
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop)
platform.once('exit', (code, signal) => {
  stopping.abort()
  process.exit(code ?? (signal === 'SIGTERM' ? 0 : 1))
})

// npm ends on SIGTERM without a word to its script; the script then has another parent.
if (process.env.npm_lifecycle_event === 'start') {
  const npm = process.ppid
  setInterval(() => process.ppid !== npm && stop(), 250).unref()
}

interface Standing {
  readonly server: string
  readonly runner: { readonly rest: string; readonly grpc: string }
}

const standing = await firstDocument<Standing>()
const rest = standing.runner.rest.startsWith('http') ? standing.runner.rest : `http://${standing.runner.rest}`
tell('Stead is up.', `  console ${standing.server}`, `  REST    ${rest}`, `  gRPC    ${standing.runner.grpc}`)
if (!isEmpty) await showSample()

async function showSample(): Promise<void> {
  try {
    const token = process.env.STEAD_TOKEN
    const client = createClient({ url: standing.server, ...(token ? { token } : {}) })
    await seedSample(client)
    tell(
      '',
      'The sample project is live: seattle-forecast (a canary with a shadow) and arrival-delay. Try:',
      '  npx stead status',
      '  npx stead swap seattle-forecast --version 2',
      `  curl ${rest}/v2/models/seattle-forecast`,
    )
    // After what a first look finds, so that nobody waits for it.
    await trainSample(client)
    await replayTraffic(rest, stopping.signal, process.env.STEAD_KEY)
  } catch (error) {
    // The platform itself stands; a sample that cannot be shown is no reason to end it.
    if (error instanceof SteadError && error.code === 'unauthenticated')
      tell(
        '',
        'This installation is closed. The sample project is brought to it with an API token in STEAD_TOKEN,',
        'and called with the key of a consumer in STEAD_KEY.',
      )
    else if (!stopping.signal.aborted)
      tell(`The sample project could not be set up: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** `stead up --json` prints one document once both ports answer. */
function firstDocument<T>(): Promise<T> {
  return new Promise((resolve) => {
    let text = ''
    platform.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      try {
        resolve(JSON.parse(text) as T)
      } catch {
        // The rest of the document is still to come.
      }
    })
  })
}

function tell(...lines: string[]): void {
  console.log(lines.join('\n'))
}
