/**
 * The whole vocabulary of failure. A class is named for what to do next, not for where it happened.
 * Messages are written for the person who reads them and never hold a value that came from outside.
 */
export abstract class PaymentsError extends Error {
  /** What an HTTP caller is told. */
  abstract readonly status: number;
  /** The `errorName` of the client protocol. */
  abstract readonly errorName: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Not proven to come from whom it claims: a signature, a token. Repeating does not help. */
export class Unauthentic extends PaymentsError {
  readonly status = 401;
  readonly errorName = 'UnauthorizedException';
}

/** Not what the contract says a request looks like. Repeating does not help. */
export class Malformed extends PaymentsError {
  readonly status = 400;
  readonly errorName = 'InvalidRequestParamsException';
}

/**
 * Nobody vouches for the caller: reCAPTCHA for a person, App Check for an app of ours. 400, because
 * apps sign their user out for a 401. A new token may help.
 */
export class Unattested extends PaymentsError {
  readonly status = 400;
  readonly errorName: string = 'InvalidRequestParamsException';
}

export class AppUnattested extends Unattested {
  override readonly errorName = 'AppCheckException';
}

/** The caller is known and may not do this. */
export class Forbidden extends PaymentsError {
  readonly status = 403;
  readonly errorName: string = 'ForbiddenException';
}

/** A password account must prove its e-mail address before it pays. */
export class EmailNotVerified extends Forbidden {
  override readonly errorName = 'EmailNotVerifiedException';
}

/** The Retail API holds the account back; only its people can help. */
export class AccountOnHold extends Forbidden {
  override readonly errorName = 'AccountOnHoldException';
}

/** There is no such thing, or it is somebody else's: the two must look alike. */
export class NotFound extends PaymentsError {
  readonly status = 404;
  readonly errorName = 'NotFoundException';
}

export class MethodNotAllowed extends PaymentsError {
  readonly status = 405;
  readonly errorName = 'MethodNotAllowedException';
  readonly allow: string;

  constructor(allow: string) {
    super(`Use ${allow}.`);
    this.allow = allow;
  }
}

export class PayloadTooLarge extends PaymentsError {
  readonly status = 413;
  readonly errorName = 'PayloadTooLargeException';
}

export class UnsupportedEncoding extends PaymentsError {
  readonly status = 415;
  readonly errorName = 'UnsupportedMediaTypeException';
}

/** Allowed again at `resetAt`. */
export class TooManyRequests extends PaymentsError {
  readonly status = 429;
  readonly errorName = 'TooManyRequestsException';
  readonly resetAt: Date;

  constructor(message: string, resetAt: Date) {
    super(message);
    this.resetAt = resetAt;
  }
}

/** Firestore, a gateway's API or another party did not answer. Repeating helps. */
export class Unavailable extends PaymentsError {
  readonly status = 503;
  readonly errorName = 'ServiceUnavailableException';
}

/** A variable is missing or malformed; the message names it, never its value. Helps after a fix. */
export class Misconfigured extends PaymentsError {
  readonly status = 500;
  readonly errorName = 'InternalServerErrorException';
}

/**
 * What was reported is authentic and must not be lost, but cannot become a row now. It is parked:
 * stored before the gateway hears "received".
 */
export abstract class Parkable extends PaymentsError {
  readonly status = 409;
  readonly errorName = 'ConflictException';
  abstract readonly reason: ParkingReason;
  /** The gateway's id of what cannot become a row, where an event speaks of several. */
  readonly about: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly about?: string } = {}) {
    super(message, options);
    this.about = options.about;
  }
}

export type ParkingReason = 'unusable' | 'too_early' | 'conflict';

/** No row can be made of it until a person or a fix helps: no uid, another currency. */
export class Unusable extends Parkable {
  readonly reason = 'unusable';
}

/** What it refers to is not here yet: a refund before its payment. Released by the schedule. */
export class TooEarly extends Parkable {
  readonly reason = 'too_early';
}

/** The same payment id with other content. A person decides. */
export class Conflict extends Parkable {
  readonly reason = 'conflict';
}
