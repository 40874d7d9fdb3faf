import { SteadError } from '@stead/contracts'
import type { DatasetInput } from './runs.store.ts'

const MOST: Readonly<Record<'name' | 'digest' | 'source' | 'schema' | 'profile', number>> = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
}

/** The rules of MLflow for datasets, in its words. */
export function checkDataset(dataset: DatasetInput): void {
  for (const field of ['name', 'digest', 'source', 'schema', 'profile'] as const) {
    if ((dataset[field]?.length ?? 0) > MOST[field]) throw tooLong(field, MOST[field])
  }
  for (const { key, value } of dataset.tags) {
    if (key.length > 255) throw tooLong('key', 255)
    if (value.length > 500) throw tooLong('value', 500)
  }
}

const tooLong = (field: string, most: number) =>
  new SteadError('invalid_request', `'${field}' exceeds the maximum length of ${most} characters`, {
    where: `datasets.${field}`,
  })
