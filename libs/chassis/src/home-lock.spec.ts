import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockHome } from './home-lock.ts'

/** Locks the home, says how it went, and stays. */
const HOLDER = `
  const { lockHome } = await import('${new URL('./home-lock.ts', import.meta.url).href}')
  const said = await lockHome(process.argv[1]).then(() => 'held', (error) => error.message)
  process.stdout.write(said)
  setInterval(() => {}, 1000)`

let home = ''
const children: ChildProcess[] = []
beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), 'stead-lock-'))))
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => kill(child)))
  await rm(home, { recursive: true, force: true })
})

async function startHolder(): Promise<{ child: ChildProcess; said: string }> {
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', HOLDER, home]
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, said: said.toString() }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('a home that another process holds is refused, with the number of that process', async () => {
  const { child, said } = await startHolder()
  expect(said).toBe('held')
  await expect(lockHome(home)).rejects.toThrow(`is in use by the process ${child.pid}.`)
})

test('the death of the holder, even by SIGKILL, frees the home at once', async () => {
  const { child } = await startHolder()
  await kill(child)
  const lock = await lockHome(home)
  lock.release()
})

test('a released home can be taken by another process, which then is the holder', async () => {
  const lock = await lockHome(home)
  expect((await startHolder()).said).toContain(`is in use by the process ${process.pid}.`)
  lock.release()
  lock.release()
  const next = await startHolder()
  expect(next.said).toBe('held')
  await expect(lockHome(home)).rejects.toThrow(`the process ${next.child.pid}.`)
})

test('the same process cannot hold a home twice', async () => {
  const lock = await lockHome(home)
  await expect(lockHome(home)).rejects.toThrow('this process itself')
  await expect(lockHome(home)).rejects.toThrow('this process itself') // the refusal has not let go of the lock
  expect((await startHolder()).said).toContain('is in use')
  lock.release()
})

test('of several processes that start together exactly one gets the home', async () => {
  const started = await Promise.all(Array.from({ length: 4 }, startHolder))
  expect(started.filter(({ said }) => said === 'held')).toHaveLength(1)
})
