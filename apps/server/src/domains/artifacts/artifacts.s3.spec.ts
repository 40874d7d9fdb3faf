import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, describe, expect, test } from 'vitest'
import { leaveOut } from '../../../../../dev/services/left-out.ts'
import { startS3, type TestS3 } from '../../../../../dev/services/s3.ts'
import { mountTinyDisk } from '../../../../../dev/services/tiny-disk.ts'
import { openS3Artifacts } from './artifacts.s3.ts'
import { describeArtifactStore, type StoreUnderTest } from './artifacts.store.fixture.ts'

const nowhere = join(tmpdir(), `stead-aside-${randomUUID()}`)
const started = await startS3()
if ('missing' in started) {
  leaveOut('artifacts in S3', started.missing)
  describe.skip(`artifacts in S3: ${started.missing}`, () => test('left out', () => undefined))
} else {
  afterAll(() => started.stop())
  const disk = await mountTinyDisk()
  if ('missing' in disk) leaveOut('artifacts in S3 on a full disk', disk.missing)
  else await disk.remove()
  describeArtifactStore('S3', { make: () => make(started), ...('missing' in disk ? {} : { makeFull }) })

  test('a bucket that does not exist is refused when the store is opened', async () => {
    await expect(openS3Artifacts({ ...started, url: 's3://nowhere-at-all', aside: nowhere })).rejects.toThrow()
  })

  test('an address that is not of S3 is refused', async () => {
    await expect(openS3Artifacts({ url: 'https://bucket', aside: nowhere })).rejects.toThrow('s3://bucket/prefix')
  })
}

/** Every store has a prefix of its own, so that they share the bucket without seeing each other. */
async function make(s3: TestS3): Promise<StoreUnderTest> {
  const prefix = `stores/${randomUUID()}`
  const { endpoint, accessKey, secretKey, bucket } = s3
  const aside = await mkdtemp(join(tmpdir(), 'stead-aside-'))
  const store = await openS3Artifacts({ url: `s3://${bucket}/${prefix}/`, endpoint, accessKey, secretKey, aside })
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey }
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  const uploads = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }))).Uploads ?? []
  return {
    store,
    leftovers: async () => [...(await uploads()).map(({ Key = '' }) => Key), ...(await readdir(aside))],
    async remove() {
      for (const { Key, UploadId } of await uploads()) {
        await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
      }
      for await (const { digest } of store.list()) await store.remove(digest)
      client.destroy()
      await store.close()
      await rm(aside, { recursive: true, force: true })
    },
  }
}

/** A server of its own, which keeps its objects where there is no room. */
async function makeFull(): Promise<StoreUnderTest> {
  const disk = await mountTinyDisk()
  if ('missing' in disk) throw new Error(disk.missing)
  const s3 = await startS3(disk.path)
  if ('missing' in s3) throw new Error(s3.missing)
  const under = await make(s3)
  return {
    ...under,
    async remove() {
      await under.remove()
      await s3.stop()
      await disk.remove()
    },
  }
}
