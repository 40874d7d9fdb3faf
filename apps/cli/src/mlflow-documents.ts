/** MLflow's documents, as far as an import reads them. */

export interface KeyValue {
  readonly key: string
  readonly value?: string
}

export interface MlflowExperiment {
  readonly experiment_id: string
  readonly name: string
  readonly lifecycle_stage?: string
  readonly tags?: readonly KeyValue[]
}

export interface MlflowRun {
  readonly info: {
    readonly run_id: string
    readonly run_name?: string
    readonly user_id?: string
    readonly status?: string
    readonly start_time?: number | string
    readonly end_time?: number | string
    readonly lifecycle_stage?: string
  }
  readonly data?: {
    readonly metrics?: readonly { readonly key: string }[]
    readonly params?: readonly KeyValue[]
    readonly tags?: readonly KeyValue[]
  }
  readonly inputs?: {
    readonly dataset_inputs?: readonly MlflowDatasetInput[]
    readonly model_inputs?: readonly { readonly model_id: string }[]
  }
  readonly outputs?: {
    readonly model_outputs?: readonly { readonly model_id: string; readonly step?: number | string }[]
  }
}

export interface MlflowDatasetInput {
  readonly tags?: readonly KeyValue[]
  readonly dataset: {
    readonly name: string
    readonly digest: string
    readonly source_type?: string
    readonly source?: string
    readonly schema?: string
    readonly profile?: string
  }
}

export interface MlflowMetric {
  readonly key: string
  readonly value: number | string
  readonly timestamp: number | string
  readonly step?: number | string
}

export interface MlflowFile {
  readonly path: string
  readonly is_dir?: boolean
  readonly file_size?: number | string
}

export interface MlflowLoggedModel {
  readonly info: {
    readonly model_id: string
    readonly name?: string
    readonly source_run_id?: string
    readonly artifact_uri?: string
    readonly status?: string
    readonly status_message?: string
    readonly model_type?: string
    readonly creation_timestamp_ms?: number | string
    readonly last_updated_timestamp_ms?: number | string
    readonly tags?: readonly KeyValue[]
  }
  readonly data?: {
    readonly params?: readonly KeyValue[]
    readonly metrics?: readonly (MlflowMetric & {
      readonly run_id?: string
      readonly dataset_name?: string
      readonly dataset_digest?: string
    })[]
  }
}

export interface MlflowTrace {
  readonly trace_id: string
  readonly trace_metadata?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
  readonly assessments?: readonly { readonly valid?: boolean }[]
}

export interface MlflowEvaluationSet {
  readonly dataset_id: string
  readonly name: string
  readonly tags?: string
}

export interface MlflowWebhook {
  readonly webhook_id: string
  readonly name: string
  readonly description?: string
  readonly url: string
  readonly events?: readonly object[]
}

export interface MlflowModel {
  readonly name: string
  readonly description?: string
  readonly tags?: readonly KeyValue[]
  readonly aliases?: readonly { readonly alias: string; readonly version: string }[]
}

export interface MlflowVersion {
  readonly name: string
  readonly version: string
  readonly source?: string
  readonly run_id?: string
  readonly run_link?: string
  readonly description?: string
  readonly current_stage?: string
  readonly tags?: readonly KeyValue[]
}

export const recordOf = (pairs: readonly KeyValue[] | undefined): Record<string, string> =>
  Object.fromEntries((pairs ?? []).map(({ key, value = '' }) => [key, value]))

const LARGEST = 1.797_693_134_862_315_7e308

/** MLflow's own stores keep the infinities as the largest numbers there are, and tell them as such. */
export function numberOf(value: number | string): number | 'NaN' | 'Infinity' | '-Infinity' {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value
  const number = Number(value)
  if (Number.isNaN(number)) return 'NaN'
  if (Math.abs(number) >= LARGEST) return number > 0 ? 'Infinity' : '-Infinity'
  return number
}
