import { readReplay, requestOf } from './seed.ts'

/** Sends the sample's rows to its deployments again and again, a few a second, until the signal aborts. A closed
 *  installation asks for the key of a consumer. */
export async function replayTraffic(rest: string, signal: AbortSignal, apiKey?: string): Promise<void> {
  const replay = await readReplay()
  const streams = [
    { deployment: 'seattle-forecast', rows: replay.weather.rows, everyMs: 250 },
    { deployment: 'arrival-delay', rows: replay.delay.rows, everyMs: 400 },
  ]
  await Promise.all(
    streams.map(async ({ deployment, rows, everyMs }) => {
      for (let index = 0; !signal.aborted; index++) {
        await send(
          `${rest}/v2/models/${deployment}/infer`,
          rows[index % rows.length]!,
          { 'stead-key': `visitor-${index % 500}`, ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }) },
          signal,
        )
        await pause(everyMs, signal)
      }
    }),
  )
}

/** A caller that is refused, or finds nobody, simply comes again with its next row. */
async function send(
  url: string,
  row: readonly number[],
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(requestOf(row)),
      signal,
    })
    await response.arrayBuffer()
  } catch {
    await pause(1_000, signal)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
