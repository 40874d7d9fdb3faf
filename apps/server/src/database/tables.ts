import type { AccessTables } from './tables-access.ts'
import type { PlatformTables } from './tables-platform.ts'
import type { RegistryTables } from './tables-registry.ts'
import type { ServingTables } from './tables-serving.ts'
import type { TraceTables } from './tables-traces.ts'
import type { TrackingTables } from './tables-tracking.ts'

/** The tables as the code sees them; `schema.sql` is the database's view of the same. */
export interface Tables
  extends PlatformTables, RegistryTables, ServingTables, AccessTables, TrackingTables, TraceTables {}
