export * from './names.ts'
export * from './tensors.ts'
export * from './errors.ts'
export * from './endpoint.ts'
export * from './roles.ts'
export * from './projects.ts'
export * from './artifacts.ts'
export * from './registry.ts'
export * from './experiments.ts'
export * from './runs.ts'
export * from './run-files.ts'
export * from './logged-models.ts'
export * from './registrations.ts'
export * from './run-import.ts'
export * from './garbage.ts'
export * from './traces.ts'
export * from './evaluation-sets.ts'
export * from './webhooks.ts'
export * from './uploads.ts'
export * from './graphs.ts'
export * from './search.ts'
export * from './routing.ts'
export {
  addGolden,
  Assertion,
  ExpectedOutputs,
  GoldenName,
  GoldenRequest,
  InferenceRequest,
  listGolden,
  recordGolden,
  removeGolden,
} from './golden.ts'
export * from './trials.ts'
export * from './changes.ts'
export * from './deployments.ts'
export * from './sessions.ts'
export * from './tokens.ts'
export * from './people.ts'
export * from './members.ts'
export * from './consumers.ts'
export * from './audit.ts'
export * from './audit-chain.ts'
export * from './lanes.ts'
export * from './figures.ts'
export * from './runners.ts'
export * from './events.ts'
export * from './installation.ts'
export * from './compatibility.ts'
export { ENDPOINTS } from './endpoints.ts'
