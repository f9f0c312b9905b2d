"""What apps call the fields by which people sign in, in the languages that apps are written in."""

# English, with `psw` of a much copied form (w3schools.com: How To, sign up form); Spanish, Portuguese, French, German, Italian and Dutch, Polish, Turkish.
PASSWORD = (
    r"pass(?:word|wd|phrase|code|wort)?|pwd|psw|contrase(?:n|ñ|ni)a|senha|palavra_?passe|clave_?(?:acceso|usuario)?(?![a-z])|mot_?de_?passe|mdp|kennwort|wachtwoord|"
    r"parola(?:_?chiave)?(?![a-z])|has[lł]o|[sş]ifre"
)
MAIL = r"e-?_?mail|correo(?:_?electr[oó]nico)?|courriel|adresse_?mail"
ACCOUNT = r"usu[aá]rio|utilizador|utilisateur|benutzer(?:_?name)?|utente|gebruiker(?:s_?naam)?|nombre_?(?:de_?)?usuario|nome_?(?:de_?)?usu[aá]rio"
PHONE = r"tel[eé]fono|telefone|celular|telefon(?:nummer)?|movil|portable"
