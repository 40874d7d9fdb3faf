import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'

/** A table that grows by rows and is a Parquet file at its end. Rows are gathered into groups, so that the file may be
 *  larger than the memory. */
export interface ParquetTable<Row> {
  readonly rows: number
  add(row: Row): void
  end(): void
}

type Kind = 'STRING' | 'INT64' | 'DOUBLE'
type ValueOf<K extends Kind> = K extends 'STRING' ? string : number
export type ColumnKinds = Readonly<Record<string, Kind>>
/** Every column may be null. */
export type RowOf<C extends ColumnKinds> = { readonly [K in keyof C]: ValueOf<C[K]> | null }

const ROWS_IN_GROUP = 100_000

export function createParquetTable<const C extends ColumnKinds>(path: string, kinds: C): ParquetTable<RowOf<C>> {
  const names = Object.keys(kinds)
  const emptyColumns = () => names.map((name) => ({ name, type: kinds[name]!, data: [] as unknown[], nullable: true }))
  let columns = emptyColumns()
  let rows = 0
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: schemaFromColumnData({ columnData: columns }),
    // A bound that is no number would lie to readers who skip by it.
    statistics: !Object.values(kinds).includes('DOUBLE'),
    createdBy: 'stead',
  })
  const flush = () => {
    if (columns[0]?.data.length) void writer.write({ columnData: columns, rowGroupSize: ROWS_IN_GROUP })
    columns = emptyColumns()
  }
  return {
    get rows() {
      return rows
    },
    add(row) {
      for (const { name, type, data } of columns) {
        const value = row[name as keyof C] ?? null
        data.push(type === 'INT64' && value !== null ? BigInt(value) : value)
      }
      rows += 1
      if (rows % ROWS_IN_GROUP === 0) flush()
    },
    end() {
      flush()
      void writer.finish()
    },
  }
}
