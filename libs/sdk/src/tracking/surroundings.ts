/** What a program can tell of where it runs. A browser tells nothing, Node a lot. */
export interface Surroundings {
  readonly user: string | undefined
  /** The file of that path, or all files of the folder, each by its place in it. */
  readFiles(path: string): Promise<readonly FoundFile[]>
  /** `sha256:…` of a file. */
  digestOf(path: string): Promise<string>
  /** What a run should remember of the code and the machine, as it is now. */
  remember(): Promise<Memory>
  /** Calls `end` when the program ends before the run does, and waits a little for it. Gives back how to forget about it. */
  whenEnding(end: (ending: 'KILLED' | 'FAILED') => Promise<void>): () => void
  /** Measures the machine until told to stop. */
  watch(everyMs: number, onSample: (metrics: Record<string, number>, sample: number) => void): () => void
}

export interface FoundFile {
  readonly name: string
  readonly content: Blob
}

export interface Memory {
  readonly tags: Readonly<Record<string, string>>
  /** Texts by the path that they get in the run. */
  readonly files: Readonly<Record<string, string>>
}
