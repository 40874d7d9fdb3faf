import { createHmac } from 'node:crypto'

/** The headers of a delivery, as MLflow sends them and Standard Webhooks describes: the signature is HMAC-SHA256, in
 *  base64, over `<delivery id>.<seconds since 1970>.<body>`. The id is the same at every attempt, so that a receiver can
 *  tell that it knows a delivery already. */
export function headersOf(
  { id, body, secret }: { readonly id: string; readonly body: string; readonly secret: string | null },
  now: Date,
): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'stead-webhooks',
    'x-mlflow-delivery-id': id,
    'x-mlflow-timestamp': timestamp,
  }
  if (secret === null) return headers
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...headers, 'x-mlflow-signature': `v1,${signature}` }
}
