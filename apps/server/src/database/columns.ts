import type { ColumnType } from 'kysely'

/** timestamptz: an ISO 8601 text in UTC with milliseconds. */
export type Moment = ColumnType<string, string | Date, string | Date>
/** A moment the database fills in where none is given. */
export type Now = ColumnType<string, string | Date | undefined, string | Date>
/** jsonb: an object or an array goes in, and what comes out is parsed but not trusted. */
export type Document = ColumnType<unknown, object, object>
