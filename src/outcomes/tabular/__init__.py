"""Files of rows and columns, and the engines that count them. Nothing here knows of patients."""
