import { VersionNumber } from '@stead/contracts'
import type { DeploymentName, ModelName } from '@stead/contracts'
import { useNavigate, useSearch } from '@tanstack/react-router'

export const STEPS = ['model', 'signature', 'deploy', 'ask'] as const
export type StepName = (typeof STEPS)[number]

export interface Steps {
  /** The one that is open. */
  readonly now: StepName
  readonly model: ModelName | undefined
  readonly version: VersionNumber | undefined
  readonly deployment: DeploymentName | undefined
  /** Whether all that a step needs is there. */
  readonly isReached: (step: StepName) => boolean
  readonly go: (to: { step: StepName; model?: string; version?: string; deployment?: string | undefined }) => void
}

/** Where one is in the guide: all of it stands in the address. */
export function useSteps(): Steps {
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as Partial<Record<'step' | 'model' | 'version' | 'deployment', string>>
  const version = VersionNumber.safeParse(search.version).data
  const hasVersion = search.model !== undefined && version !== undefined
  const isReached = (step: StepName) =>
    step === 'model' || (hasVersion && step !== 'ask') || (hasVersion && search.deployment !== undefined)
  const asked = STEPS.find((step) => step === search.step) ?? 'model'
  return {
    now: isReached(asked) ? asked : 'model',
    model: search.model as ModelName | undefined,
    version,
    deployment: search.deployment as DeploymentName | undefined,
    isReached,
    go: (to) => void navigate({ to: '/welcome', search: (before) => ({ ...before, ...to }) }),
  }
}
