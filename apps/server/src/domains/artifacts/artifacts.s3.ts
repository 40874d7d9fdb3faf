import type * as Sdk from '@aws-sdk/client-s3'
import * as disk from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { type Digest, SteadError } from '@stead/contracts'
import { addressOf, digestAt } from './address.ts'
import type { ArtifactStore, Bytes, Expected, Stored } from './artifacts.store.ts'
import { checkedBytes, countBytes, hashedBytes, notFound, rangeWithin } from './checked-bytes.ts'
import { laidAside } from './laid-aside.ts'

export interface S3Config {
  /** `s3://bucket` or `s3://bucket/prefix` */
  readonly url: string
  /** Of a server that is not Amazon's; it is spoken to in path style. */
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  /** Without them, wherever the SDK finds credentials. */
  readonly accessKey?: string | undefined
  readonly secretKey?: string | undefined
  /** A folder on this machine, of this store alone: for bytes whose digest, and so whose key, shows only at their end. */
  readonly aside: string
}

const MEBIBYTE = 2 ** 20
const PART_BYTES = 8 * MEBIBYTE
/** S3 allows 10,000. */
const MOST_PARTS = 9_000
const GRANT_SECONDS = 3600
const ABANDONED_AFTER_MS = 24 * 3600_000

interface Bucket {
  readonly sdk: typeof Sdk
  readonly client: Sdk.S3Client
  readonly name: string
  readonly prefix: string
}
interface Place {
  readonly Bucket: string
  readonly Key: string
}

/** Artifacts as objects of any S3 API that honours `If-None-Match` on put and on completing a multipart upload.
 *  The SDK is loaded here and not before: an installation on files does not pay for it. */
export async function openS3Artifacts(config: S3Config): Promise<ArtifactStore> {
  const bucket = await openBucket(config)
  const { sdk, client } = bucket
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
  const place = (digest: Digest): Place => ({ Bucket: bucket.name, Key: bucket.prefix + addressOf(digest) })
  const stat = async (digest: Digest) => statObject(bucket, place(digest))
  const put = async (digest: Digest, bytes: Bytes, expected: Expected) => {
    const checked = checkedBytes(digest, bytes, expected)
    if ((await stat(digest)) !== undefined) return { size: await countBytes(checked), stored: false }
    const partBytes = Math.max(PART_BYTES, Math.ceil((expected.size ?? expected.limit) / MOST_PARTS))
    const parts = inParts(checked, partBytes)
    try {
      return await putInParts(bucket, place(digest), parts)
    } catch (error) {
      throw asExpected(error)
    } finally {
      await parts.return()
    }
  }
  await abortAbandoned(bucket)
  await disk.rm(config.aside, { recursive: true, force: true })
  await disk.mkdir(config.aside, { recursive: true })
  return {
    stat,
    put,
    async take(bytes, expected) {
      return laidAside(config.aside, hashedBytes(bytes, expected), async ({ digest, size }, again) => {
        await expected.named?.(digest)
        const stored = (await stat(digest)) === undefined && (await put(digest, again(), { size, limit: size })).stored
        return { digest, size, stored }
      })
    },
    async open(digest, range) {
      const size = (await stat(digest))?.size
      if (size === undefined) throw notFound(digest)
      const part = rangeWithin(size, range)
      const slice = part === undefined ? {} : { Range: `bytes=${part.start}-${part.end}` }
      const { Body } = await client.send(new sdk.GetObjectCommand({ ...place(digest), ...slice }))
      return { stream: Body as Readable, size }
    },
    async remove(digest) {
      await client.send(new sdk.DeleteObjectCommand(place(digest)))
    },
    async grant(digest, forSeconds = GRANT_SECONDS) {
      if ((await stat(digest)) === undefined) throw notFound(digest)
      const url = await getSignedUrl(client, new sdk.GetObjectCommand(place(digest)), { expiresIn: forSeconds })
      return { kind: 'url', url, expiresAt: new Date(Date.now() + forSeconds * 1000).toISOString() }
    },
    list: () => listObjects(bucket),
    close: async () => client.destroy(),
  }
}

async function openBucket({ url, endpoint, region = 'us-east-1', accessKey, secretKey }: S3Config): Promise<Bucket> {
  const [, name, path = ''] = /^s3:\/\/([^/]+)\/*(.*?)\/*$/.exec(url) ?? []
  if (name === undefined) throw new Error(`${url} is not of the form s3://bucket/prefix.`)
  const sdk = await import('@aws-sdk/client-s3')
  const keys = accessKey !== undefined && secretKey !== undefined
  const client = new sdk.S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(keys ? { credentials: { accessKeyId: accessKey, secretAccessKey: secretKey } } : {}),
    // Not every server knows the SDK's own checksums, and the digest is checked here anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return { sdk, client, name, prefix: path === '' ? '' : `${path}/` }
}

async function statObject({ sdk, client }: Bucket, place: Place): Promise<{ size: number } | undefined> {
  try {
    const { ContentLength = 0 } = await client.send(new sdk.HeadObjectCommand(place))
    return { size: ContentLength }
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

/** Cuts bytes into parts of one size, the last of what is left. Nothing at all is one empty part. */
async function* inParts(bytes: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Buffer, void> {
  let chunks: Uint8Array[] = []
  let gathered = 0
  let cut = false
  for await (const chunk of bytes) {
    let rest = chunk
    while (gathered + rest.byteLength >= partBytes) {
      const head = rest.subarray(0, partBytes - gathered)
      yield Buffer.concat([...chunks, head])
      cut = true
      rest = rest.subarray(head.byteLength)
      chunks = []
      gathered = 0
    }
    // A copy: the reader of a stream may use its buffer again.
    if (rest.byteLength > 0) chunks.push(Buffer.from(rest))
    gathered += rest.byteLength
  }
  if (gathered > 0 || !cut) yield Buffer.concat(chunks)
}

/** The parts end without a failure only if they are the artifact, and only then is anything made visible. */
async function putInParts(bucket: Bucket, place: Place, parts: AsyncGenerator<Buffer, void>) {
  const { sdk, client } = bucket
  const first = await parts.next()
  const second = await parts.next()
  if (second.done === true) {
    const Body = first.done === true ? Buffer.alloc(0) : first.value
    const stored = await unlessThere(bucket, place, () =>
      client.send(new sdk.PutObjectCommand({ ...place, Body, IfNoneMatch: '*' })),
    )
    return { size: Body.byteLength, stored }
  }
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(place))
  const abort = () => client.send(new sdk.AbortMultipartUploadCommand({ ...place, UploadId })).catch(() => undefined)
  try {
    const Parts: Array<{ ETag: string | undefined; PartNumber: number }> = []
    let size = 0
    const upload = async (Body: Buffer) => {
      const PartNumber = Parts.length + 1
      const { ETag } = await client.send(new sdk.UploadPartCommand({ ...place, UploadId, PartNumber, Body }))
      Parts.push({ ETag, PartNumber })
      size += Body.byteLength
    }
    if (first.done !== true) await upload(first.value)
    await upload(second.value)
    for await (const part of parts) await upload(part)
    const complete = new sdk.CompleteMultipartUploadCommand({
      ...place,
      UploadId,
      MultipartUpload: { Parts },
      IfNoneMatch: '*',
    })
    const stored = await unlessThere(bucket, place, () => client.send(complete))
    if (!stored) await abort()
    return { size, stored }
  } catch (error) {
    await abort()
    throw error
  }
}

/** Makes an object visible unless it is there already. A conflict is another put of the same digest at the same moment:
 *  it ends soon, and then the object is there. */
async function unlessThere(bucket: Bucket, place: Place, publish: () => Promise<unknown>): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await publish()
      return true
    } catch (error) {
      const status = statusOf(error)
      if (status === 412) return false
      if (status !== 409) throw error
      if ((await statObject(bucket, place)) !== undefined) return false
      if (tries === 10) throw error
      await pause(200)
    }
  }
}

async function* listObjects({ sdk, client, name, prefix }: Bucket): AsyncGenerator<Stored> {
  const pages = sdk.paginateListObjectsV2({ client }, { Bucket: name, Prefix: `${prefix}sha256/` })
  for await (const { Contents = [] } of pages) {
    for (const { Key = '', Size = 0 } of Contents) {
      const digest = digestAt(Key.slice(prefix.length))
      if (digest !== undefined) yield { digest, size: Size }
    }
  }
}

/** Parts of uploads whose server died cost money and are seen by nobody. A day later no server is still at it.
 *  Where listing them is not allowed, a lifecycle rule of the bucket does the same. */
async function abortAbandoned({ sdk, client, name, prefix }: Bucket): Promise<void> {
  try {
    const { Uploads = [] } = await client.send(
      new sdk.ListMultipartUploadsCommand({ Bucket: name, Prefix: `${prefix}sha256/` }),
    )
    for (const { Key, UploadId, Initiated } of Uploads) {
      if (Initiated === undefined || Date.now() - Initiated.getTime() < ABANDONED_AFTER_MS) continue
      await client.send(new sdk.AbortMultipartUploadCommand({ Bucket: name, Key, UploadId }))
    }
  } catch (error) {
    if (statusOf(error) === undefined || statusOf(error) === 404) throw error
  }
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}

const FULL = new Set(['InsufficientStorage', 'QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded'])

function asExpected(error: unknown): unknown {
  const full = error instanceof Error && (statusOf(error) === 507 || FULL.has(error.name))
  return full ? new SteadError('storage_full', undefined, { cause: error }) : error
}
