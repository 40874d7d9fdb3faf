import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unlessMissing } from '../artifacts/disk-failures.ts'

/** The key that checkpoints are signed with: the file named, or `<home>/audit/key.pem`, which is made where there is none. */
export async function openAuditKey(home: string, named: string | undefined): Promise<KeyObject> {
  if (named !== undefined) return readKey(named, 'STEAD_AUDIT_KEY')
  const path = join(home, 'audit', 'key.pem')
  if ((await unlessMissing(readFile(path))) === undefined) await makeKey(path)
  return readKey(path, path)
}

async function readKey(path: string, place: string): Promise<KeyObject> {
  const pem = await readFile(path).catch((cause: unknown) => {
    throw new Error(`${place}: the key of the audit log cannot be read. Make one: ${HOW}`, { cause })
  })
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new Error(`${place}: this is no private key in PEM. Make one: ${HOW}`, { cause })
  }
  throw new Error(`${place}: the key of the audit log must be an Ed25519 one. Make one: ${HOW}`)
}

const HOW = 'openssl genpkey -algorithm ed25519 -out FILE'

/** Whole before it has its name, and never in the place of another. */
async function makeKey(path: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519')
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.${randomUUID()}`
  try {
    await writeSynced(aside, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await link(aside, path)
  } finally {
    await rm(aside, { force: true })
  }
  await syncFolder(dirname(path))
}

export async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}

export const publicPem = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
export const publicDer = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' })
