// Wrong on purpose: a new state of an engine would be forgotten here in silence.
type EngineState = { is: 'loading' } | { is: 'serving'; share: number } | { is: 'failed'; because: string }

export function colour(state: EngineState): string | undefined {
  switch (state.is) {
    case 'loading':
      return 'grey'
    case 'serving':
      return 'green'
  }
}
