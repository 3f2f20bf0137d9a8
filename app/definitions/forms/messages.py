"""What is said when an answer is refused: sentences that name what was expected, in Italian and English."""

_TABLE: dict[str, tuple[str, str]] = {
    "required_text": ("Compilare questo campo: è obbligatorio.", "Fill in this field: it is required."),
    "required_number": ("Scrivere un numero: è obbligatorio.", "Write a number: it is required."),
    "required_moment": ("Indicare la data o l'ora: è obbligatoria.", "Give the date or time: it is required."),
    "required_choice": ("Scegliere una delle risposte.", "Choose one of the answers."),
    "required_choices": ("Scegliere almeno una risposta.", "Choose at least one answer."),
    "required_tick": ("Spuntare la casella: senza, non si può proseguire.", "Tick the box: without it you cannot go on."),
    "required_file": ("Caricare il file richiesto.", "Upload the file that is asked for."),
    "required_rows": ("Aggiungere almeno una riga.", "Add at least one row."),
    "unknown": ("Questo campo non fa parte del modulo.", "This field is not part of the form."),
    "not_text": ("Scrivere un solo testo.", "Write one single text."),
    "not_context": ("Inviare qui un gruppo di campi con il loro nome.", "Send a group of named fields here."),
    "not_rows": ("Inviare qui un elenco di righe.", "Send a list of rows here."),
    "characters": ("Togliere i caratteri che non si possono stampare.", "Remove the characters that cannot be printed."),
    "min_length": ("Scrivere almeno {least} caratteri: ora sono {count}.", "Write at least {least} characters: there are {count} now."),
    "max_length": ("Scrivere al massimo {most} caratteri: ora sono {count}.", "Write at most {most} characters: there are {count} now."),
    "pattern": ("Scrivere il valore nella forma richiesta.", "Write the value in the form that is asked for."),
    "number": ("Scrivere un numero, per esempio 1234,5.", "Write a number, for instance 1234.5."),
    "whole": ("Scrivere un numero intero, senza decimali.", "Write a whole number, without decimals."),
    "decimals": ("Scrivere al massimo {most} decimali: qui sono {count}.", "Write at most {most} decimals: there are {count} here."),
    "thousands": (
        "Scrivere il numero senza punti: {text} può significare {whole} oppure {part}.",
        "Write the number without separators: {text} may mean {whole} or {part}.",
    ),
    "point": (
        "Scrivere {whole} oppure {part}: {text} può significare l'uno o l'altro.",
        "Write {whole}, or {part} with a decimal comma: {text} may mean either.",
    ),
    "digits": ("Scrivere un numero di al massimo 34 cifre.", "Write a number of at most 34 digits."),
    "minimum": ("Scrivere un numero non inferiore a {limit}.", "Write a number not below {limit}."),
    "maximum": ("Scrivere un numero non superiore a {limit}.", "Write a number not above {limit}."),
    "date": ("Scrivere una data esistente, per esempio 08/05/2023.", "Write a date that exists, for instance 2023-05-08."),
    "time": ("Scrivere un'ora, per esempio 16:41.", "Write a time, for instance 16:41."),
    "moment": ("Scrivere data e ora, per esempio 08/05/2023 16:41.", "Write date and time, for instance 2023-05-08 16:41."),
    "skipped_hour": (
        "Scrivere un'altra ora: con il passaggio all'ora legale questa non esiste.",
        "Write another time: this one does not exist, since summer time skips it.",
    ),
    "past": ("Indicare una data non anteriore a oggi, {today}.", "Give a date that is not before today, {today}."),
    "tick": ("Inviare vero o falso.", "Send true or false."),
    "choice": ("Scegliere una delle risposte in elenco: {text} non c'è.", "Choose one of the listed answers: {text} is not there."),
    "min_choices": ("Scegliere almeno {least} risposte: ora sono {count}.", "Choose at least {least} answers: there are {count} now."),
    "max_choices": ("Scegliere al massimo {most} risposte: ora sono {count}.", "Choose at most {most} answers: there are {count} now."),
    "all_choices": ("Spuntare tutte le voci: ne mancano {count}.", "Tick every item: {count} are left."),
    "one_file": ("Caricare un solo file.", "Upload one single file."),
    "min_files": ("Caricare almeno {least} file: ora sono {count}.", "Upload at least {least} files: there are {count} now."),
    "max_files": ("Caricare al massimo {most} file: ora sono {count}.", "Upload at most {most} files: there are {count} now."),
    "file_unknown": ("Caricare di nuovo il file: non è tra i documenti della pratica.", "Upload the file again: it is not among the case's documents."),
    "file_kind": ("Caricare un file di tipo {accept}: {name} non lo è.", "Upload a file of type {accept}: {name} is not."),
    "file_size": ("Caricare un file di al massimo {most} MB: {name} è più grande.", "Upload a file of at most {most} MB: {name} is larger."),
    "min_rows": ("Servono almeno {least} righe: ora sono {count}.", "At least {least} rows are needed: there are {count} now."),
    "max_rows": ("Sono ammesse al massimo {most} righe: ora sono {count}.", "At most {most} rows are allowed: there are {count} now."),
    "fixed_rows": ("Rispondere per ognuna delle {most} righe, senza aggiungerne: ora sono {count}.", "Answer each of the {most} rows and add none: there are {count} now."),
    "repeated": ("Indicare un valore diverso: {text} è già nella riga {row}.", "Give another value: {text} is already in row {row}."),
    "rule": ("I valori non rispettano una regola del modulo.", "The values break a rule of the form."),
    "rule_failed": ("Una regola del modulo non si può calcolare con questi valori.", "A rule of the form cannot be computed with these values."),
    "signature_one_file": ("Caricare un solo file firmato.", "Upload one single signed file."),
    "signature_document_unknown": (
        "Il documento da firmare non c'è ancora: prima rispondere a {answers}.",
        "The document to be signed is not there yet: answer {answers} first.",
    ),
    "signature_document_missing": (
        "Il documento da firmare non è tra i documenti della pratica: avvisare l'ufficio.",
        "The document to be signed is not among the case's documents: tell the office.",
    ),
    "signature_signer_unknown": (
        "Non si sa ancora chi deve firmare: prima rispondere a {answers}.",
        "It is not known yet who has to sign: answer {answers} first.",
    ),
    "signature_signer_missing": (
        "La pratica non dice il codice fiscale di chi deve firmare: avvisare l'ufficio.",
        "The case does not say the fiscal code of who has to sign: tell the office.",
    ),
    "signature_not_a_signature": (
        "Caricare il documento firmato, in formato .p7m o PDF firmato: {name} non lo è.",
        "Upload the signed document, a .p7m or a signed PDF: {name} is neither.",
    ),
    "signature_none": (
        "Firmare il documento e caricarlo di nuovo: in {name} non c'è nessuna firma.",
        "Sign the document and upload it again: there is no signature in {name}.",
    ),
    "signature_several": (
        "Caricare il documento firmato una volta sola: {name} contiene una firma dentro l'altra, o troppe firme.",
        "Upload the document signed once: {name} holds a signature within another, or too many of them.",
    ),
    "signature_other_document": (
        "Firmare il documento {document} indicato qui: {name} firma un altro documento (impronta {hash}), forse una versione precedente.",
        "Sign the document {document} that is named here: {name} signs another document (hash {hash}), perhaps an earlier version.",
    ),
    "signature_broken": (
        "Firmare di nuovo il documento: la firma in {name} è danneggiata, o il file è stato modificato dopo la firma.",
        "Sign the document again: the signature in {name} is broken, or the file was changed after it was signed.",
    ),
    "signature_untrusted": (
        "Firmare con un certificato qualificato: quello di {signer}, emesso da {issuer}, non è tra quelli riconosciuti qui.",
        "Sign with a qualified certificate: that of {signer}, issued by {issuer}, is not among those recognised here.",
    ),
    "signature_expired": (
        "Firmare con un certificato valido: quello di {signer} non lo era al momento della firma ({at}).",
        "Sign with a valid certificate: that of {signer} was not valid at the time of signing ({at}).",
    ),
    "signature_wrong_person": (
        "Deve firmare la persona con codice fiscale {expected}: ha firmato {signer}.",
        "The person with the fiscal code {expected} has to sign: {signer} signed.",
    ),
    "signature_no_roots": (
        "Le firme non si possono verificare: questo ufficio non ha ancora indicato quali certificatori riconosce. Avvisare l'ufficio.",
        "Signatures cannot be verified: this office has not yet said which authorities it recognises. Tell the office.",
    ),
    "piva_shape": ("Scrivere una partita IVA di 11 cifre.", "Write a VAT number of 11 digits."),
    "piva_check": ("Scrivere una partita IVA di 11 cifre: la cifra di controllo non torna.", "Write a VAT number of 11 digits: the check digit does not fit."),
    "codice_fiscale_shape": (
        "Scrivere il codice fiscale di una persona: 16 caratteri, come RSSMRA85T10A562S.",
        "Write the fiscal code of a person: 16 characters, like RSSMRA85T10A562S.",
    ),
    "codice_fiscale_check": (
        "Controllare il codice fiscale: l'ultima lettera non corrisponde alle altre.",
        "Check the fiscal code: its last letter does not fit the others.",
    ),
    "codice_fiscale_ente_shape": ("Scrivere il codice fiscale dell'ente: 11 cifre.", "Write the organisation's fiscal code: 11 digits."),
    "codice_fiscale_ente_check": (
        "Scrivere il codice fiscale dell'ente di 11 cifre: la cifra di controllo non torna.",
        "Write the organisation's fiscal code of 11 digits: the check digit does not fit.",
    ),
    "codice_fiscale_o_piva_shape": (
        "Scrivere un codice fiscale: 16 caratteri per le persone, 11 cifre per imprese ed enti.",
        "Write a fiscal code: 16 characters for persons, 11 digits for organisations.",
    ),
    "rea_shape": ("Scrivere il numero REA con la provincia, per esempio MI-1234567.", "Write the REA number with its province, for instance MI-1234567."),
    "ateco_shape": ("Scrivere un codice ATECO, per esempio 25.73.", "Write an ATECO code, for instance 25.73."),
    "code": ("Scrivere un codice di {table}: {text} non c'è.", "Write a code of {table}: {text} is not in it."),
    "code_near": (
        "Scrivere un codice di {table}: {text} non c'è. I più vicini: {near}.",
        "Write a code of {table}: {text} is not in it. The nearest are: {near}.",
    ),
    "code_elsewhere": (
        "Scrivere un codice di {table}: {text} non c'è. È in {other}, «{title}»: scegliere quella classificazione, o cambiare codice.",
        "Write a code of {table}: {text} is not in it. It is in {other}, “{title}”: choose that classification, or change the code.",
    ),
    "unique_in": (
        "Scegliere un altro testo: {text} è già quello della pratica {case}.",
        "Choose another text: {text} is already that of the case {case}.",
    ),
    "provincia_shape": ("Scrivere la sigla di una provincia italiana, per esempio MI.", "Write the code of an Italian province, for instance MI."),
    "cap_shape": ("Scrivere un CAP di 5 cifre.", "Write a postal code of 5 digits."),
    "cup_shape": ("Scrivere un CUP di 15 lettere e cifre.", "Write a CUP of 15 letters and digits."),
    "iban_shape": ("Scrivere un IBAN, per esempio IT60 X054 2811 1010 0000 0123 456.", "Write an IBAN, for instance IT60 X054 2811 1010 0000 0123 456."),
    "iban_check": ("Controllare l'IBAN: le cifre di controllo non tornano.", "Check the IBAN: its check digits do not fit."),
    "email_shape": ("Scrivere un indirizzo di posta, per esempio nome@esempio.it.", "Write an address, for instance name@example.org."),
    "pec_shape": ("Scrivere un indirizzo PEC, per esempio impresa@pec.esempio.it.", "Write a certified mail address, for instance firm@pec.example.it."),
}  # fmt: skip


def say(code: str, language: str, **values: object) -> str:
    """Give the sentence of a code in a language (`it` or `en`), with its values in place."""
    italian, english = _TABLE[code]
    return (english if language == "en" else italian).format(**values)


def codes() -> frozenset[str]:
    """Give every code that has a sentence."""
    return frozenset(_TABLE)
