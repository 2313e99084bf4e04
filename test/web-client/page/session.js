import { initializeApp } from 'firebase/app';
import {
  browserLocalPersistence,
  connectAuthEmulator,
  createUserWithEmailAndPassword,
  initializeAuth,
  onAuthStateChanged,
  sendEmailVerification,
  signInAnonymously,
  signInWithEmailAndPassword,
  signOut as leave,
} from 'firebase/auth';
import { surroundings } from './surroundings.js';

const app = initializeApp({ apiKey: 'local', projectId: surroundings.projectId });
// It outlives the way to a payment page and back.
const auth = initializeAuth(app, { persistence: browserLocalPersistence });
connectAuthEmulator(auth, surroundings.authUrl, { disableWarnings: true });

/** The signed-in user, once it is known whether there is one. */
export async function currentUser() {
  await auth.authStateReady();
  return auth.currentUser;
}

/** Tells now and on every change who is signed in. @param {() => void} listener */
export function onUserChanged(listener) {
  onAuthStateChanged(auth, listener);
}

/** A Firebase ID token, which the SDK keeps fresh. */
export async function idToken() {
  return (await currentUser())?.getIdToken();
}

export async function signInAsGuest() {
  await signInAnonymously(auth);
}

/** @param {string} email @param {string} password */
export async function signIn(email, password) {
  await signInWithEmailAndPassword(auth, email, password);
}

/** The account is worth little until its address is verified. @param {string} email @param {string} password */
export async function signUp(email, password) {
  const { user } = await createUserWithEmailAndPassword(auth, email, password);
  await sendEmailVerification(user);
}

export async function signOut() {
  await leave(auth);
}
