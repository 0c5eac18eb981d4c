/**
 * Why a sign-in did not come about: the person or the provider said no (`denied`), the answer is
 * not one to a sign-in that this browser began, or too old (`invalid`), or the provider cannot be
 * asked (`unavailable`).
 */
export class OpenIdFailure extends Error {
  readonly kind: 'denied' | 'invalid' | 'unavailable'
  constructor(kind: OpenIdFailure['kind'], detail: string) {
    super(detail)
    this.kind = kind
  }
}
