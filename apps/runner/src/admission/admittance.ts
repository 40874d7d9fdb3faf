import type { AdmittedKey, Digest } from '@stead/contracts'
import type { FailureKind } from '../inference/failure.ts'

/** Who may call, as front ends apply it: immutable, replaced whole. */
export type Admittance =
  | { readonly is: 'open' }
  /** Nobody, with what callers are told. */
  | { readonly is: 'refusing'; readonly kind: FailureKind; readonly because: string }
  | {
      readonly is: 'closed'
      readonly keys: readonly LimitedKey[]
      readonly server: Digest | null
      readonly monitors: readonly Digest[]
    }

export interface LimitedKey extends AdmittedKey {
  /** Where all front ends count the rate of its consumer together; null where there is no limit. */
  readonly slot: number | null
}
