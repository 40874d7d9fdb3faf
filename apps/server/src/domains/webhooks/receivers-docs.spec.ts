import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { leaveOut } from '../../../../../dev/services/left-out.ts'
import { headersOf } from './signature.ts'

const DOCS = fileURLToPath(new URL('../../../../../docs/webhooks.md', import.meta.url))
const SECRET = 'a secret of two'
const BODY = JSON.stringify({ entity: 'model_version', action: 'created', data: { name: 'ümlaut' } })
const RECEIVERS = [
  { language: 'ts', file: 'receiver.ts', command: process.execPath },
  { language: 'python', file: 'receiver.py', command: 'python3' },
] as const

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

const isThere = (command: string) =>
  new Promise<boolean>((told) => {
    spawn(command, ['--version'], { stdio: 'ignore' })
      .once('error', () => told(false))
      .once('exit', (code) => told(code === 0))
  })

/** Runs the receiver as it stands in the documents. */
async function receive({ language, file, command }: (typeof RECEIVERS)[number]) {
  const [, code] = new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(await readFile(DOCS, 'utf8')) ?? []
  const folder = await mkdtemp(join(tmpdir(), 'stead-receiver-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, file), code!)
  const port = await freePort()
  const child: ChildProcess = spawn(command, [join(folder, file)], {
    env: { ...process.env, WEBHOOK_SECRET: SECRET, PORT: String(port), PYTHONIOENCODING: 'utf8' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  closing.push(() => {
    const gone = new Promise((ended) => child.once('exit', ended))
    child.kill('SIGKILL')
    return gone
  })
  let printed = ''
  child.stdout!.on('data', (text: Buffer) => (printed += text.toString()))
  const send = async (headers: Record<string, string>, body = BODY) =>
    (await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', headers, body })).status
  await expect.poll(() => send({}).catch(() => 0)).toBe(401)
  return { send, printed: () => printed }
}

describe.each(RECEIVERS)('the receiver of the documents in $language', (receiver) => {
  test('takes what is signed, once, and refuses what was changed, is old or is not signed', async (law) => {
    if (!(await isThere(receiver.command))) {
      leaveOut(`the receiver of webhooks in ${receiver.language}`, `there is no ${receiver.command}`)
      return law.skip()
    }
    const { send, printed } = await receive(receiver)
    const now = new Date()
    const genuine = headersOf({ id: 'one', body: BODY, secret: SECRET }, now)
    expect(await send(genuine)).toBe(204)
    expect(await send(genuine)).toBe(204)
    expect(await send(genuine, BODY.replace('ümlaut', 'other'))).toBe(401)
    expect(await send({ ...genuine, 'x-mlflow-delivery-id': 'two' })).toBe(401)
    expect(await send(headersOf({ id: 'three', body: BODY, secret: 'another' }, now))).toBe(401)
    expect(await send(headersOf({ id: 'four', body: BODY, secret: null }, now))).toBe(401)
    const old = new Date(now.getTime() - 3_600_000)
    expect(await send(headersOf({ id: 'five', body: BODY, secret: SECRET }, old))).toBe(401)
    await expect.poll(printed).toBe('model_version.created ümlaut\n')
  })
})
