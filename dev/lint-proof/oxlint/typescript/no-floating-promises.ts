// Wrong on purpose: the failure of the write is nobody's, and the caller goes on as if it had happened.
const append = async (record: string) => record.length

export function acknowledge(record: string): void {
  append(record)
}
