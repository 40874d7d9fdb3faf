import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { AuditCheckpoint, CHAIN_BEGINS, checkChain, signedTextOf, type Vouched } from '@stead/contracts'
import { Failure } from './failures.ts'

/** An exported audit log, checked without any server: who has the file and the public key needs nobody's word. */

export interface CheckedLog {
  readonly chain: string
  readonly entries: number
  /** Of the last entry, or of the chain's beginning where there is none. */
  readonly head: string
  /** The newest checkpoint. */
  readonly signed: { readonly sequence: number; readonly at: string }
  readonly key: string
}

export interface LogProof {
  /** A public key in PEM, in place of the one in the log. */
  readonly key?: string | undefined
  /** Checkpoints that were kept elsewhere. */
  readonly checkpoints?: string | undefined
}

interface Read {
  readonly line: number
  readonly content: Record<string, unknown> | undefined
}

/** Fails with the first entry, or checkpoint, that is not as it was written. */
export async function checkLog(path: string, proof: LogProof): Promise<CheckedLog> {
  const told = await readMarks(path)
  const chain = told.chain ?? ''
  const key = proof.key === undefined ? keyInLog(told) : publicKeyOf(await readText(proof.key), proof.key)
  const fingerprint = fingerprintOf(key)
  const signed = told.checkpoints.map((checkpoint) => genuine(checkpoint, chain, key, fingerprint))
  if (proof.checkpoints !== undefined) {
    const { checkpoints } = await readMarks(proof.checkpoints)
    const ours = checkpoints.filter((one) => one.content?.chain === chain && one.content.key === fingerprint)
    signed.push(...ours.map((checkpoint) => genuine(checkpoint, chain, key, fingerprint)))
  }
  const checkpoints = signed.toSorted((one, other) => one.sequence - other.sequence)
  const newest = checkpoints.at(-1)
  if (!newest) throw new Failure(`${path} holds no checkpoint: nothing vouches for its entries`, EXPORT_AGAIN)

  const check = checkChain({ chain, sha256, checkpoints })
  for await (const { content } of readLines(path)) {
    if (isMark(content)) continue
    const { kind: _, ...entry } = content ?? {}
    refuse(check.take(entry))
  }
  refuse(check.end())
  if (check.sequence > newest.sequence)
    refuse({
      sequence: newest.sequence + 1,
      through: check.sequence,
      why: 'no checkpoint vouches for it, so it may have been added by anybody',
    })
  return { chain, entries: check.sequence, head: check.hash, signed: newest, key: fingerprint }
}

const EXPORT_AGAIN = 'Export it again with: stead audit export'

function refuse(flaw: { sequence: number; through: number; why: string } | undefined): void {
  if (!flaw) return
  const which = flaw.through > flaw.sequence ? `entries ${flaw.sequence} to ${flaw.through}` : `entry ${flaw.sequence}`
  throw new Failure(`${which} of the log: ${flaw.why}`, 'Compare with an earlier export; the entries before are whole.')
}

const isMark = (content: Read['content']) => content?.kind === 'key' || isCheckpoint(content)
/** The server's own journal has nothing but checkpoints, and does not say so on each line. */
const isCheckpoint = (content: Read['content']) =>
  content?.kind === 'checkpoint' || (content?.kind === undefined && content?.signature !== undefined)

interface Marks {
  readonly key: Read | undefined
  readonly chain: string | undefined
  readonly checkpoints: readonly Read[]
}

/** What vouches for the entries: there is little of it, however many they are. */
async function readMarks(path: string): Promise<Marks> {
  const checkpoints: Read[] = []
  let key: Read | undefined
  let chain: string | undefined
  for await (const read of readLines(path)) {
    if (read.content?.kind === 'key') key ??= read
    else if (isCheckpoint(read.content)) checkpoints.push(read)
    if (typeof read.content?.chain === 'string') chain ??= read.content.chain
  }
  return { key, chain, checkpoints }
}

async function* readLines(path: string): AsyncGenerator<Read> {
  const source = createReadStream(path)
  let line = 0
  try {
    for await (const text of createInterface({ input: source, crlfDelay: Infinity })) {
      line += 1
      if (text !== '') yield { line, content: parseObject(text) }
    }
  } catch (cause) {
    throw new Failure(`cannot read ${path}: ${(cause as Error).message}`, undefined, cause)
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function keyInLog({ key }: Marks): KeyObject {
  const { publicKey, key: told } = key?.content ?? {}
  if (typeof publicKey !== 'string')
    throw new Failure('the log does not say with which key its checkpoints were signed', 'Give it with --key.')
  const read = publicKeyOf(publicKey, 'the key in the log')
  if (fingerprintOf(read) === told) return read
  throw new Failure('the key in the log is not the one that the log names', 'Give the right one with --key.')
}

function publicKeyOf(pem: string, place: string): KeyObject {
  try {
    return createPublicKey(pem)
  } catch (cause) {
    throw new Failure(`${place} is no public key in PEM`, undefined, cause)
  }
}

function genuine({ line, content }: Read, chain: string, key: KeyObject, fingerprint: string): Vouched {
  const { data } = AuditCheckpoint.safeParse(content)
  if (!data) throw new Failure(`the checkpoint on line ${line} cannot be read`, EXPORT_AGAIN)
  const which = `the checkpoint of entry ${data.sequence}`
  if (data.chain !== chain) throw new Failure(`${which} belongs to another chain`)
  if (data.key !== fingerprint)
    throw new Failure(`${which} was signed with a foreign key, ${data.key}; expected ${fingerprint}`)
  if (!verify(null, Buffer.from(signedTextOf(data)), key, Buffer.from(data.signature, 'base64')))
    throw new Failure(`${which} has a wrong signature: it was altered, or made by somebody else`)
  if (data.sequence === 0 && data.head !== CHAIN_BEGINS) throw new Failure(`${which} does not begin a chain`)
  return data
}

const fingerprintOf = (key: KeyObject) => sha256(key.export({ type: 'spki', format: 'der' }))
const sha256 = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const readText = (path: string) =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Failure(`cannot read ${path}: ${(cause as Error).message}`, undefined, cause)
  })
