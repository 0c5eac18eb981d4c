// The commands that the start page shows. They work when they are pasted into sh, bash or zsh, also
// twice in a row, and need nothing but curl, grep and cut.

/** An address that no other visitor of this page is shown, in a domain without owner (RFC 2606). */
export const ownAddress = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(6))
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `you-${text}@example.org`
}

/**
 * Answers of the API are one line of JSON without blanks between names and values. `keep` leaves
 * TOKEN and REFRESH as they are where it gets a refusal, and prints each `detail` of it.
 */
const functions = `ask() { curl -sS "$API/$1" -H 'Content-Type: application/json' -d "$2"; }
value() { printf '%s' "$2" | grep -o "\\"$1\\":\\"[^\\"]*" | cut -d '"' -f 4; }
keep() {
  if [ -n "$(value access_token "$1")" ]; then
    TOKEN=$(value access_token "$1")
    REFRESH=$(value refresh_token "$1")
    echo 'Signed in: TOKEN and REFRESH are set.'
  else
    echo 'Not signed in:'
    value detail "$1" | grep . || printf '%s\\n' "$1"
  fi
}`

/** Makes the account, or signs in where it was made before. */
const enter = {
  open: `ANSWER=$(ask auth/register "$ACCOUNT")
case $ANSWER in
  *'"email_taken"'*) ANSWER=$(ask auth/login "$ACCOUNT") ;;
esac`,
  closed: 'ANSWER=$(ask auth/login "$ACCOUNT")',
} as const

type Visited = {
  /** The address of the service, without a trailing slash. */
  readonly base: string
  readonly registration: 'open' | 'closed'
  readonly email: string
}

/** Leaves an access token in TOKEN, and a refresh token in REFRESH. */
export const signInCommand = ({ base, registration, email }: Visited): string =>
  `API=${base}/api/v1
ACCOUNT='{"email":"${email}",
  "password":"your own passphrase"}'
${functions}
${enter[registration]}
keep "$ANSWER"`

const authorization = `-H "Authorization: Bearer \${TOKEN:?sign in first}"`

export const createTaskCommand = `curl -sS "$API/tasks" ${authorization} \\
  -H 'Content-Type: application/json' -d '{"title":"Try Taskport"}'`

export const refreshCommand = `keep "$(ask auth/refresh "{\\"refresh_token\\":\\"$REFRESH\\"}")"`

/** Where nothing was pasted before. */
export const listTasksCommand = (base: string): string =>
  `TOKEN='paste it here'
curl -sS ${base}/api/v1/tasks ${authorization}`
