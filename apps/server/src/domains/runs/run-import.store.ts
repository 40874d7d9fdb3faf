/** What an import must know besides of runs. */
export interface RunImportStore {
  /** The project that has a run of that id: ids are of the whole installation. */
  projectOf(runId: string): Promise<string | undefined>
}
