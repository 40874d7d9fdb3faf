import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { copyFile, mkdir, open, rename, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { AuditCheckpoint, Digest, signedTextOf } from '@stead/contracts'
import { publicDer, publicPem, syncFolder, writeSynced } from './audit-key.files.ts'
import type { CheckpointStore } from './checkpoints.store.ts'

/** Checkpoints as lines of `<home>/audit/checkpoints.jsonl`. A line is appended whole and synced; a torn last one, which
 *  nobody was told of, is cut off when the file is opened. */
export async function openCheckpoints(home: string, privateKey: KeyObject): Promise<CheckpointStore> {
  const folder = join(home, 'audit')
  const path = join(folder, 'checkpoints.jsonl')
  const key = Digest.parse(`sha256:${createHash('sha256').update(publicDer(privateKey)).digest('hex')}`)
  const publicKey = createPublicKey(privateKey)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await cutTornTail(path)
  const newest = new Map<string, AuditCheckpoint>()
  for await (const checkpoint of readCheckpoints(path)) {
    if (checkpoint.key === key) newest.set(checkpoint.chain, checkpoint)
  }
  // One writer after another: two that append at once could tear each other's lines.
  let writing: Promise<void> = Promise.resolve()
  const inTurn = (write: () => Promise<void>) => (writing = writing.catch(() => {}).then(write))

  return {
    publicKey: publicPem(privateKey),
    key,
    chains: () => newest.keys(),
    newest: (chain) => newest.get(chain),
    isGenuine: (checkpoint) =>
      verify(null, Buffer.from(signedTextOf(checkpoint)), publicKey, Buffer.from(checkpoint.signature, 'base64')),
    async *of(chain) {
      for await (const checkpoint of readCheckpoints(path)) {
        if (checkpoint.chain === chain && checkpoint.key === key) yield checkpoint
      }
    },
    set: (heads, at) =>
      inTurn(async () => {
        const signed = heads.map((head) => signedBy(privateKey, { ...head, at, key }))
        await append(path, signed)
        for (const checkpoint of signed) newest.set(checkpoint.chain, checkpoint)
      }),
    forget: (chains, at) =>
      inTurn(async () => {
        if (!existsSync(path) || !chains.some((chain) => newest.has(chain))) return
        await copyFile(path, join(folder, `checkpoints-${at.replaceAll(':', '')}.jsonl`))
        const kept: string[] = []
        for await (const one of readCheckpoints(path)) if (!chains.includes(one.chain)) kept.push(lineOf(one))
        await rm(`${path}.new`, { force: true })
        await writeSynced(`${path}.new`, kept.join(''))
        await rename(`${path}.new`, path)
        await syncFolder(folder)
        for (const chain of chains) newest.delete(chain)
      }),
  }
}

function signedBy(privateKey: KeyObject, facts: Omit<AuditCheckpoint, 'signature' | 'head'> & { head: string }) {
  const checkpoint = { ...facts, head: Digest.parse(facts.head) }
  const signature = sign(null, Buffer.from(signedTextOf(checkpoint)), privateKey).toString('base64')
  return { ...checkpoint, signature }
}

const lineOf = (checkpoint: AuditCheckpoint) => `${JSON.stringify(checkpoint)}\n`

async function append(path: string, checkpoints: readonly AuditCheckpoint[]): Promise<void> {
  if (checkpoints.length === 0) return
  const isNew = !existsSync(path)
  const file = await open(path, 'a', 0o600)
  try {
    const { size } = await file.stat()
    try {
      await file.writeFile(checkpoints.map(lineOf).join(''))
      await file.sync()
    } catch (error) {
      // A full disk may have taken half of it.
      await truncate(path, size).catch(() => {})
      throw error
    }
  } finally {
    await file.close()
  }
  if (isNew) await syncFolder(join(path, '..'))
}

async function* readCheckpoints(path: string): AsyncGenerator<AuditCheckpoint> {
  if (!existsSync(path)) return
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const read = AuditCheckpoint.safeParse(parseOrNothing(line))
    if (read.success) yield read.data
  }
}

async function cutTornTail(path: string): Promise<void> {
  if (!existsSync(path)) return
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, 64 * 1024))
    await file.read(tail, 0, tail.length, size - tail.length)
    const whole = size - tail.length + tail.lastIndexOf('\n') + 1
    if (whole < size) await file.truncate(whole)
  } finally {
    await file.close()
  }
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
