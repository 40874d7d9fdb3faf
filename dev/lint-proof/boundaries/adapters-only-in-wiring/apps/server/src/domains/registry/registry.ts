// Wrong on purpose: the use case picks its own database instead of being given a store.
import { sqlVersionStore } from './registry.sql.ts'

export const createRegistry = () => ({ versions: sqlVersionStore() })
