import { z } from 'zod'

/** MLflow's clients read there, and write there themselves, as which versions a logged model was registered. */
export const VERSIONS_TAG = 'mlflow.modelVersions'

const Versions = z.array(z.object({ name: z.string(), version: z.coerce.string() }))

/** Clients add to the list what the server has added already. */
export const versionsToldOnce = (text: string): string => {
  const versions = versionsIn(text)
  return versions.length > 0 ? toldOnce(versions) : text
}

export const toldOnce = (versions: z.infer<typeof Versions>): string =>
  JSON.stringify([...new Map(versions.map((one) => [JSON.stringify([one.name, one.version]), one])).values()])

/** What no client of MLflow would write is left behind. */
export function versionsIn(text = '[]'): z.infer<typeof Versions> {
  try {
    return Versions.safeParse(JSON.parse(text)).data ?? []
  } catch {
    return []
  }
}
