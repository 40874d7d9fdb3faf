import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDirectory, oneMaker } from './cache.ts'
import { freePort, run, startServer, untilListening } from './children.ts'
import { proveConditionalPuts } from './s3-proof.ts'

const VERSITYGW = 'v1.8.0'
const MOTO = '5.2.5'
const BUILD_TIME_MS = 10 * 60_000

/** A real S3 server of our own, with an empty bucket. */
export interface TestS3 {
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
  readonly bucket: string
  stop(): Promise<void>
}

interface Candidate {
  readonly name: string
  install(): Promise<string>
  parameters(port: number, directory: string): string[]
}

const KEYS = { accessKey: 'stead-test', secretKey: 'stead-test-secret' } as const

const CANDIDATES: readonly Candidate[] = [
  {
    name: 'versitygw',
    install: installVersitygw,
    parameters: (port, directory) => [
      '--access',
      KEYS.accessKey,
      '--secret',
      KEYS.secretKey,
      '--port',
      `127.0.0.1:${port}`,
      '--quiet',
      'posix',
      '--sidecar',
      join(directory, 'sidecar'),
      join(directory, 'objects'),
    ],
  },
  { name: 'moto', install: installMoto, parameters: (port) => ['-H', '127.0.0.1', '-p', String(port)] },
]

/** Starts the first S3 server that can be had and proves to honour conditional puts, or says why there is none.
 *  `directory` is where it keeps its objects; without one it is a temporary one. */
export async function startS3(directory?: string): Promise<TestS3 | { readonly missing: string }> {
  const reasons: string[] = []
  for (const candidate of CANDIDATES) {
    try {
      return await startCandidate(candidate, directory)
    } catch (error) {
      reasons.push(`${candidate.name}: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`)
    }
  }
  return { missing: `no S3 server (${reasons.join('; ')})` }
}

async function startCandidate(candidate: Candidate, given: string | undefined): Promise<TestS3> {
  const program = await candidate.install()
  const directory = given ?? (await mkdtemp(join(tmpdir(), 'stead-s3-')))
  for (const part of ['objects', 'sidecar']) await mkdir(join(directory, part), { recursive: true })
  const port = await freePort()
  const server = startServer(program, candidate.parameters(port, directory), { cwd: directory })
  const s3 = {
    ...KEYS,
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'stead-test',
    async stop() {
      await server.stop()
      if (given === undefined) await rm(directory, { recursive: true, force: true })
    },
  }
  try {
    await untilListening(port, server)
    await proveConditionalPuts(s3)
    return s3
  } catch (error) {
    await s3.stop()
    throw error
  }
}

async function installVersitygw(): Promise<string> {
  return oneMaker('versitygw', async () => {
    const home = join(cacheDirectory(), `versitygw-${VERSITYGW}`)
    const program = join(home, 'versitygw')
    if (existsSync(program)) return program
    const go = ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find((path) => existsSync(path)) ?? 'go'
    // Built aside: a build that is interrupted must not look like one that is there.
    const aside = `${home}.new`
    await rm(aside, { recursive: true, force: true })
    const env = { ...process.env, GOBIN: aside, CGO_ENABLED: '0' }
    await run(go, ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSITYGW}`], {
      env,
      timeout: BUILD_TIME_MS,
    })
    await rename(aside, home)
    return program
  })
}

async function installMoto(): Promise<string> {
  return oneMaker('moto', async () => {
    const home = join(cacheDirectory(), `moto-${MOTO}`)
    const program = join(home, 'bin', 'moto_server')
    if (existsSync(program)) return program
    await run('python3', ['-m', 'venv', home])
    await run(join(home, 'bin', 'pip'), ['install', '--quiet', `moto[server,s3]==${MOTO}`], { timeout: BUILD_TIME_MS })
    return program
  })
}
