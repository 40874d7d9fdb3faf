import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unlessMissing } from '../artifacts/disk-failures.ts'
import { syncFolder, writeSynced } from '../audit/audit-key.files.ts'
import type { SecretSealing } from './webhooks.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals secrets by AES-256-GCM with the key in `<home>/webhooks/key`, which is made where there is none. What the
 *  database holds of them, and so every backup, says nothing to anybody who has not got that file. */
export async function openSecretSealing(home: string): Promise<SecretSealing> {
  const path = join(home, 'webhooks', 'key')
  if ((await unlessMissing(readFile(path))) === undefined) await makeKey(path)
  const key = await readFile(path)
  if (key.length !== KEY_BYTES) throw new Error(`${path}: the key of the webhooks' secrets has ${KEY_BYTES} bytes`)
  return {
    seal(of, secret) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(of))
      const closed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), closed]).toString('base64')
    },
    open(of, sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(of))
        .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch {
        return undefined
      }
    },
  }
}

/** Whole before it has its name, and never in the place of another. */
async function makeKey(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.${randomUUID()}`
  try {
    await writeSynced(aside, randomBytes(KEY_BYTES))
    await link(aside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(aside, { force: true })
  }
  await syncFolder(dirname(path))
}
