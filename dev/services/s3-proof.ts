import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

interface Server {
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
  readonly bucket: string
}

/** Creates the bucket, and fails unless the server refuses to overwrite when told `If-None-Match: *`,
 *  for whole objects as for those in parts: a server that ignores it would make the tests worthless. */
export async function proveConditionalPuts({ endpoint, accessKey, secretKey, bucket }: Server): Promise<void> {
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey }
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  const at = { Bucket: bucket, Key: 'proof' }
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    const put = () => client.send(new PutObjectCommand({ ...at, Body: 'once', IfNoneMatch: '*' }))
    await put()
    await mustRefuse('PutObject', put)
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at))
    const { ETag } = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'twice' }))
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] }
    const complete = new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload, IfNoneMatch: '*' })
    await mustRefuse('CompleteMultipartUpload', () => client.send(complete))
    await client.send(new AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => undefined)
    await client.send(new DeleteObjectCommand(at))
  } finally {
    client.destroy()
  }
}

async function mustRefuse(what: string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt()
  } catch (error) {
    if (error instanceof Error && error.name === 'PreconditionFailed') return
    throw error
  }
  throw new Error(`${what} overwrote an object in spite of If-None-Match`)
}
