export function load() {
  const kept = []
  while (true) kept.push(Array(1e5).fill(kept.length))
}
