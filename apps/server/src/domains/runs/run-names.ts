const ADJECTIVES =
  'able agile amber ample apt autumn bold brave brief bright brisk calm candid careful clear clever cosy crisp daring deep eager early easy fair fine firm fleet fond frank free fresh gentle glad golden grand handy happy hardy honest ideal keen kind late lively lucid lucky mellow merry mild modest neat nimble noble open patient plain polite prime proud quick quiet ready rapid rustic serene sharp silent simple sleek smart snug sober solid sound spry stable steady still subtle sunny sure swift tidy tranquil true upbeat valid vivid warm wise witty young zesty'.split(
    ' ',
  )
const NOUNS =
  'acorn alder anchor apple arbor aspen badger basin beacon beech birch bison brook canyon cedar cliff cloud comet coral crane creek crow deer delta dove dune eagle elm falcon fern finch fjord flint forest fox garden glacier glade grove gull hare harbor hawk heath heron hill island ivy jay juniper kestrel lagoon lake larch lark lemur lichen lilac linden lynx maple marsh meadow mesa moon moss newt oak oasis orchid otter owl palm pine plover pond poplar quail raven reef ridge river robin rook sage salmon seal sparrow spruce stork stream swan thistle thrush tide tulip valley walnut warbler willow wolf wren yew'.split(
    ' ',
  )

/** What a run is called that nobody has named: `keen-heron-381`. `dice` gives numbers from 0 up to 1. */
export function runName(dice: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(dice() * words.length)]
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}-${Math.floor(dice() * 1000)}`
}
